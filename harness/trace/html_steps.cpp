#include "harness/trace/html_steps.h"

#include "harness/core/milliseconds.h"
#include "harness/report/html_text.h"
#include "harness/trace/plural.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::trace {
namespace {

/// A routine stretch longer than this is folded but for its first and last few steps.
constexpr std::size_t stretch_max = 24, ends_shown = 8;
constexpr std::size_t statements_shown_max = 16;
constexpr std::size_t row_bytes_max = 400, line_bytes_max = 64, outcome_bytes_max = 200;

/// A reader looks for locks and reads of the tracker one by one, unless there are more of them than
/// this.
constexpr std::size_t rare_max = 48;

/// The text of the statement after which the step is called.
std::string_view main_text(const TracedStep& step) {
  const Role role = step.role();
  for (const TracedStatement& statement : step.statements)
    if (statement.role == role) return statement.text;
  return {};
}

class Table {
 public:
  Table(const TracedRun& run, const Trace& trace) : run_(run), trace_(trace), zero_(zero_of(run)) {
    for (const TracedStep& step : run.steps) ++counts_[step.role()];
  }

  std::string html() {
    const std::size_t count = run_.steps.size();
    for (std::size_t at = 0; at < count;) {
      std::size_t end = at;
      while (end < count && is_routine(run_.steps[end])) ++end;
      if (end - at > stretch_max) {
        add_rows(at, at + ends_shown);
        add_folded(at + ends_shown, end - ends_shown);
        add_rows(end - ends_shown, end);
        at = end;
      } else {
        add_rows(at, std::max(end, at + 1));
        at = std::max(end, at + 1);
      }
    }
    return "<table><tr><th>at<th>took<th>session<th>what<th>statement<th>outcome</tr>\n" +
           std::move(out_) + "</table>\n";
  }

 private:
  bool is_routine(const TracedStep& step) const {
    if (step.failed) return false;
    switch (step.role()) {
      case Role::body:
      case Role::record:
      case Role::begin:
      case Role::commit:
      case Role::prepare:
      case Role::other:
        return true;
      default:
        return counts_.at(step.role()) > rare_max;
    }
  }

  void add_rows(std::size_t from, std::size_t until) {
    for (std::size_t at = from; at < until; ++at) add_row(run_.steps[at]);
  }

  void add_row(const TracedStep& step) {
    out_ += fmt::format(
        "<tr><td class=n>{:.1f} ms<td class=n>{:.2f} ms<td class=n>{}<td>"
        "<span class=\"key {}\" style=\"margin-left:0\"></span>{}<td>{}"
        "<td{}>{}</tr>\n",
        core::milliseconds_of(step.asked - zero_),
        core::milliseconds_of(step.answered - step.asked), step.session, to_string(step.role()),
        to_string(step.role()), statements_of(step), step.failed ? " class=bad" : "",
        report::html_text(shortened(step.outcome, outcome_bytes_max)));
  }

  std::string statements_of(const TracedStep& step) const {
    std::string statements;
    const std::size_t shown = std::min(step.statements.size(), statements_shown_max);
    for (std::size_t i = 0; i < shown; ++i) {
      const TracedStatement& statement = step.statements[i];
      statements += fmt::format("<code>{}</code>",
                                report::html_text(shortened(statement.text, row_bytes_max)));
      if (statement.migration)
        statements += fmt::format(" <span class=soft>{}</span>",
                                  report::html_text(trace_.sources[*statement.migration].name));
      statements += "<br>";
    }
    if (const std::size_t more = step.statements.size() - shown; more > 0)
      statements += fmt::format("<span class=soft>and {} in the same message</span>",
                                plural(more, "more statement", "more statements"));
    return statements;
  }

  /// A line for each step: when, how long, what, and how it ended.
  void add_folded(std::size_t from, std::size_t until) {
    std::map<Role, std::size_t> counts;
    for (std::size_t at = from; at < until; ++at) ++counts[run_.steps[at].role()];
    std::vector<std::string> kinds;
    kinds.reserve(counts.size());
    for (const auto& [role, count] : counts)
      kinds.push_back(fmt::format("{} {}", count, to_string(role)));
    out_ +=
        fmt::format("<tr><td colspan=6><details><summary>{} more round trips: {}</summary><pre>",
                    until - from, fmt::join(kinds, ", "));
    for (std::size_t at = from; at < until; ++at) {
      const TracedStep& step = run_.steps[at];
      out_ +=
          fmt::format("{:.1f} ms {:.2f} ms {} {}: {}\n", core::milliseconds_of(step.asked - zero_),
                      core::milliseconds_of(step.answered - step.asked), to_string(step.role()),
                      report::html_text(shortened(main_text(step), line_bytes_max)),
                      report::html_text(shortened(step.outcome, line_bytes_max)));
    }
    out_ += "</pre></details></tr>\n";
  }

  const TracedRun& run_;
  const Trace& trace_;
  std::chrono::microseconds zero_;
  std::map<Role, std::size_t> counts_;
  std::string out_;
};

}  // namespace

std::string steps_table(const TracedRun& run, const Trace& trace) {
  return run.steps.empty() ? std::string() : Table(run, trace).html();
}

std::chrono::microseconds zero_of(const TracedRun& run) {
  return run.steps.empty() ? std::chrono::microseconds(0) : run.steps.front().asked;
}

}  // namespace gauntlet::trace
