#include "harness/core/milliseconds.h"
#include "harness/trace/plural.h"
#include "harness/trace/trace.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::trace {
namespace {

constexpr std::size_t sql_shown_max = 88;

void add_lock(std::string& text, const TracedLock& lock) {
  text += fmt::format("  {} {}{}\n", to_string(lock.form), lock.object,
                      lock.how.empty() ? "" : ", " + lock.how);
  if (lock.granted)
    text += fmt::format("      from {:.1f} to {:.1f} ms, until {}; {} ran under it\n",
                        core::milliseconds_of(lock.from), core::milliseconds_of(lock.until),
                        lock.ended_by.empty() ? "nobody was seen to end it" : lock.ended_by,
                        plural(lock.bodies, "body", "bodies"));
  if (lock.taken_again > 0)
    text += fmt::format("      taken {} while the session had it\n",
                        plural(lock.taken_again, "more time", "more times"));
  text += fmt::format("      {}: {}\n", to_string(lock.sureness), lock.why);
}

void add_round_trips(std::string& text, const Trace& trace, const TracedRun& run) {
  if (run.migrations.empty()) return;
  const auto trips = [](const auto& a, const auto& b) { return a.round_trips < b.round_trips; };
  const auto [least, most] =
      std::minmax_element(run.migrations.begin(), run.migrations.end(), trips);
  text += fmt::format(
      "  round trips a migration: {}{}\n", least->round_trips,
      least->round_trips == most->round_trips
          ? std::string()
          : fmt::format(" to {} ({})", most->round_trips, trace.sources[most->migration].name));
}

void add_steps(std::string& text, const TracedRun& run) {
  for (const TracedStep& step : run.steps) {
    bool first = true;
    for (const TracedStatement& statement : step.statements) {
      text += fmt::format("  {:>9} {:>2}  {:9}  {}\n",
                          first ? fmt::format("{:.1f} ms", core::milliseconds_of(step.asked)) : "",
                          first ? std::to_string(step.session) : "", to_string(statement.role),
                          shortened(statement.text, sql_shown_max));
      first = false;
    }
    if (step.failed)
      text +=
          fmt::format("  {:>23}  {}\n", "", shortened("failed: " + step.outcome, sql_shown_max));
  }
}

void add_run(std::string& text, const Trace& trace, const TracedRun& run, std::string_view title) {
  text += fmt::format("\n{}: {} in {:.0f} ms; {}, {} in {}, {}\n", title, run.exit,
                      core::milliseconds_of(run.took), plural(run.sessions, "session", "sessions"),
                      plural(run.statements, "statement", "statements"),
                      plural(run.steps.size(), "round trip", "round trips"),
                      plural(run.transactions, "transaction", "transactions"));
  add_round_trips(text, trace, run);
  for (const TracedLock& lock : run.locks) add_lock(text, lock);
  for (const std::string& note : run.notes) text += "  note: " + note + "\n";
  add_steps(text, run);
}

}  // namespace

std::string text(const Trace& trace) {
  std::string text = fmt::format("runner:  {}\nserver:  {}\n", trace.subject, trace.server);
  const std::string tool = trace.tracker.tool.empty() ? "" : ", as " + trace.tracker.tool;
  text += trace.tracker.table.empty()
              ? "tracker: none was recognised\n"
              : fmt::format("tracker: {}{} ({}: {})\n", trace.tracker.table, tool,
                            to_string(trace.tracker.sureness), trace.tracker.why);
  text +=
      fmt::format("\nlocks?    {} ({})\n", trace.answers.locks, to_string(trace.answers.sureness));
  text += fmt::format("looks?    {}\nrecords?  {}\nnothing to do?  {}\n", trace.answers.looks,
                      trace.answers.records, trace.answers.idle);
  add_run(text, trace, trace.first, "with work to do");
  add_run(text, trace, trace.second, "with nothing to do");
  return text;
}

}  // namespace gauntlet::trace
