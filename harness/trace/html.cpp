// One page without anything from elsewhere: no script, no font, no picture that is not in it.
#include "harness/core/milliseconds.h"
#include "harness/report/html_text.h"
#include "harness/trace/html_steps.h"
#include "harness/trace/plural.h"
#include "harness/trace/trace.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

namespace gauntlet::trace {
namespace {

constexpr double width = 1000, left = 90, lane = 30, bar_height = 16, bar_min = 2.5,
                 label_width = 50;
constexpr std::size_t title_bytes_max = 200;

constexpr std::string_view style = R"(
:root{--ink:#1d2733;--paper:#fff;--soft:#67727e;--line:#d9dee3;--wash:#f4f6f8}
@media(prefers-color-scheme:dark){:root{--ink:#dfe6ec;--paper:#14191f;--soft:#8f9ba7;--line:#323b45;--wash:#1c232b}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:68rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .3rem}
p,dl{margin:.3rem 0}dt{color:var(--soft);float:left;clear:left;width:8.5rem}dd{margin:0 0 .3rem 8.5rem}
svg{width:100%;height:auto;font:11px system-ui,sans-serif}svg text{fill:var(--soft)}
pre{font:12px ui-monospace,monospace;overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13px}td,th{padding:.15rem .5rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}code{font:12px ui-monospace,monospace;word-break:break-word}
.soft{color:var(--soft)}.bad{color:#c0392b}
.key{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin:0 .3em 0 1em}
.body{fill:#2f6fb3;background:#2f6fb3}.lock,.unlock{fill:#d9822b;background:#d9822b}
.look{fill:#2e9d77;background:#2e9d77}.record,.bootstrap{fill:#8a56b0;background:#8a56b0}
.begin,.commit,.rollback{fill:#7c8894;background:#7c8894}.prepare,.other{fill:#b9c2cb;background:#b9c2cb}
.held{fill:#d9822b;opacity:.18}
)";

/// A round number of milliseconds, so that some ten lines lie in `span`: 0.1, 0.2, 0.5, 1 …
double grid_of(double span) {
  constexpr std::array steps = {2.0, 2.5, 2.0};
  double grid = 0.1;
  for (std::size_t step = 0; span / grid > 12; ++step) grid *= steps.at(step % steps.size());
  return grid;
}

class Timeline {
 public:
  explicit Timeline(const TracedRun& run) : run_(run) {
    if (run.steps.empty()) return;
    begin_ = core::milliseconds_of(run.steps.front().asked);
    end_ = begin_;
    for (const TracedStep& step : run.steps)
      end_ = std::max(end_, core::milliseconds_of(step.answered));
    end_ = std::max(end_, begin_ + 0.1);
  }

  std::string svg() const {
    if (run_.steps.empty()) return "<p class=soft>It sent nothing.</p>";
    const double height = lane * static_cast<double>(std::max<std::size_t>(run_.sessions, 1)) + 40;
    std::string out = fmt::format("<svg viewBox=\"0 0 {} {}\" role=img aria-label=\"timeline\">\n",
                                  width, height);
    add_grid(out, height);
    std::map<std::size_t, double> shaded;  // by session: up to where
    for (const TracedLock& lock : run_.locks) add_lock(out, lock, shaded[lock.session]);
    for (std::size_t session = 0; session < run_.sessions; ++session)
      out +=
          fmt::format("<text x=\"0\" y=\"{:.1f}\">session {}</text>\n", top(session) + 12, session);
    for (std::size_t session = 0; session < run_.sessions; ++session) add_bars(out, session);
    return out + "</svg>\n";
  }

 private:
  double x(double time) const {
    return left + (time - begin_) / (end_ - begin_) * (width - left - 10);
  }
  static double top(std::size_t session) { return 24 + lane * static_cast<double>(session); }

  void add_grid(std::string& out, double height) const {
    const double grid = grid_of(end_ - begin_);
    for (int line = 0; line * grid <= end_ - begin_; ++line) {
      const double at = x(begin_ + line * grid);
      out += fmt::format("<path d=\"M{0:.1f} 16V{1:.0f}\" stroke=\"#8884\"/>\n", at, height - 10);
      if (at > width - label_width) continue;
      out += fmt::format("<text x=\"{:.1f}\" y=\"11\">{:g} ms</text>\n", at, line * grid);
    }
  }

  /// A lock that lies where another has been drawn up to `shaded` adds nothing that could be seen.
  void add_lock(std::string& out, const TracedLock& lock, double& shaded) const {
    if (!lock.granted) return;
    const double from = std::max(x(core::milliseconds_of(lock.from)), left);
    const double until = std::clamp(x(core::milliseconds_of(lock.until)), from + 1, width - 10);
    if (until < shaded + 1) return;
    shaded = until;
    out += fmt::format(
        "<rect class=held x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
        "height=\"{}\"><title>{} {}, until {}</title></rect>\n",
        from, top(lock.session) - 5, until - from, bar_height + 10, to_string(lock.form),
        report::html_text(lock.object), report::html_text(lock.ended_by));
  }

  /// Steps that follow one another within a bar's least width make one bar, so that a page has no
  /// more bars than it has room for.
  void add_bars(std::string& out, std::size_t session) const {
    Bar bar;
    for (const TracedStep& step : run_.steps) {
      if (step.session != session) continue;
      const double from = x(core::milliseconds_of(step.asked));
      const double until = std::max(x(core::milliseconds_of(step.answered)), from + bar_min);
      if (bar.steps > 0 && bar.first->role() == step.role() && from < bar.from + 2 * bar_min &&
          !step.failed) {
        ++bar.steps;
        bar.until = std::max(bar.until, until);
        continue;
      }
      add_bar(out, bar);
      bar = {.first = &step, .steps = 1, .from = from, .until = until};
    }
    add_bar(out, bar);
  }

  struct Bar {
    const TracedStep* first = nullptr;
    std::size_t steps = 0;
    double from = 0, until = 0;
  };

  static void add_bar(std::string& out, const Bar& bar) {
    if (bar.steps == 0) return;
    const TracedStep& step = *bar.first;
    const std::string first =
        step.statements.empty() ? "" : shortened(step.statements.front().text, title_bytes_max);
    out += fmt::format(
        "<rect class={} x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\" "
        "rx=1><title>{:.2f} ms: {} -> {}{}</title></rect>\n",
        to_string(step.role()), bar.from, top(step.session), bar.until - bar.from, bar_height,
        core::milliseconds_of(step.answered - step.asked), report::html_text(first),
        report::html_text(shortened(step.outcome, title_bytes_max)),
        bar.steps == 1 ? "" : fmt::format(" (and {} more of this kind)", bar.steps - 1));
  }

  const TracedRun& run_;
  double begin_ = 0, end_ = 1;
};

/// Locks of one kind on one object are described this often, and then counted.
constexpr std::size_t locks_shown_max = 8;

void add_locks(std::string& out, const TracedRun& run) {
  std::map<std::tuple<TracedLock::Form, std::string, std::string>, std::size_t> counts;
  for (const TracedLock& lock : run.locks) {
    if (++counts[{lock.form, lock.object, lock.how}] > locks_shown_max) continue;
    out += fmt::format(
        "<p>{} <code>{}</code> by <code>{}</code>, from {:.1f} to {:.1f} ms, until "
        "{}; {} ran under it{}. <span class=soft>{}: {}</span></p>\n",
        to_string(lock.form), report::html_text(lock.object), report::html_text(lock.how),
        core::milliseconds_of(lock.from - zero_of(run)),
        core::milliseconds_of(lock.until - zero_of(run)), report::html_text(lock.ended_by),
        plural(lock.bodies, "body", "bodies"),
        lock.taken_again == 0 ? ""
                              : fmt::format("; taken {} while the session had it",
                                            plural(lock.taken_again, "more time", "more times")),
        to_string(lock.sureness), report::html_text(lock.why));
  }
  for (const auto& [kind, count] : counts)
    if (count > locks_shown_max)
      out += fmt::format("<p>{} <code>{}</code>: taken {} in the same way</p>\n",
                         to_string(std::get<0>(kind)), report::html_text(std::get<1>(kind)),
                         plural(count - locks_shown_max, "more time", "more times"));
}

void add_run(std::string& out, const TracedRun& run, const Trace& trace, std::string_view title) {
  out += fmt::format("<h2>{}</h2>\n<p>{} in {:.0f} ms; {}, {} in {}, {}</p>\n", title,
                     report::html_text(run.exit), core::milliseconds_of(run.took),
                     plural(run.sessions, "session", "sessions"),
                     plural(run.statements, "statement", "statements"),
                     plural(run.steps.size(), "round trip", "round trips"),
                     plural(run.transactions, "transaction", "transactions"));
  out += Timeline(run).svg();
  add_locks(out, run);
  for (const auto& note : run.notes) out += fmt::format("<p>{}</p>\n", report::html_text(note));
  out += steps_table(run, trace);
}

}  // namespace

std::string html(const Trace& trace) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=en><meta charset=utf-8>\n"
      "<meta name=viewport content=\"width=device-width\">\n"
      "<title>{} traced</title>\n<style>{}</style>\n"
      "<h1>{}</h1>\n<p class=soft>{}</p>\n<dl>\n",
      report::html_text(trace.subject), style, report::html_text(trace.subject),
      report::html_text(trace.server));
  const auto add = [&](std::string_view question, std::string_view answer, std::string_view sure) {
    out += fmt::format("<dt>{}<dd>{} <span class=soft>{}</span>\n", question,
                       report::html_text(answer), report::html_text(sure));
  };
  add("Does it lock?", trace.answers.locks, to_string(trace.answers.sureness));
  add("Before it looks?", trace.answers.looks, "");
  add("Where it records", trace.answers.records, "");
  add("Nothing to do", trace.answers.idle, "");
  add("Tracker", trace.tracker.table.empty() ? "none was recognised" : trace.tracker.table,
      trace.tracker.table.empty()
          ? ""
          : fmt::format("{}: {}", to_string(trace.tracker.sureness), trace.tracker.why));
  out += "</dl>\n<p class=soft>";
  for (const Role role :
       {Role::body, Role::lock, Role::look, Role::record, Role::begin, Role::other})
    out += fmt::format("<span class=\"key {0}\"></span>{0}", to_string(role));
  out += "<span class=\"key lock\" style=\"opacity:.25\"></span>lock held</p>\n";
  add_run(out, trace.first, trace, "With work to do");
  add_run(out, trace.second, trace, "With nothing to do");
  return out + "</html>\n";
}

}  // namespace gauntlet::trace
