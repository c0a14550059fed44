#include "harness/trace/answers.h"

#include "harness/core/milliseconds.h"
#include "harness/trace/plural.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::trace {

namespace {

/// Where a role comes first, at or after `from`: step and statement as one number.
std::optional<std::size_t> first_of(const TracedRun& run, Role role, std::size_t from = 0) {
  constexpr std::size_t statements_max = 100'000;
  for (std::size_t step = 0; step < run.steps.size(); ++step)
    for (std::size_t i = 0; i < run.steps[step].statements.size(); ++i)
      if (run.steps[step].statements[i].role == role && step * statements_max + i >= from)
        return step * statements_max + i;
  return std::nullopt;
}

std::string told(const TracedLock& lock) {
  std::string text = fmt::format("{} {}", to_string(lock.form), lock.object);
  if (!lock.how.empty()) text += fmt::format(" by {}", lock.how);
  text += lock.waits ? ", waiting in the server" : ", without waiting in the server";
  if (lock.attempts > 1) text += fmt::format(", refused {} times before", lock.attempts - 1);
  return text;
}

const TracedLock* main_lock(const TracedRun& run) {
  const TracedLock* best = nullptr;
  for (const TracedLock& lock : run.locks) {
    if (lock.sureness == Sureness::guess) continue;
    if (best == nullptr || lock.bodies > best->bodies) best = &lock;
  }
  return best;
}

/// In the first run the tracker may not be there to be read: then the second tells.
std::string look_order(const TracedRun& first, const TracedRun& second) {
  const TracedRun& run = first_of(first, Role::look) ? first : second;
  const auto lock = first_of(run, Role::lock), look = first_of(run, Role::look);
  if (!look) return "it was not seen to read its tracker";
  if (!lock && first_of(first, Role::lock))
    return "it looks before it locks: with nothing to do it does not lock";
  if (!lock) return "it looks, and never locks";
  if (*lock < *look) return "it locks before it looks";
  const auto again = first_of(run, Role::look, *lock);
  const auto body = first_of(run, Role::body);
  if (again && (!body || *again < *body)) return "it looks, locks, and looks again";
  return "it looks before it locks, and not again: what it saw may be out of date";
}

std::string told_idle(const TracedRun& idle) {
  const TracedLock* lock = main_lock(idle);
  return fmt::format("{} in {:.0f} ms: {}, {} in {}, {}, {}", idle.exit,
                     core::milliseconds_of(idle.took), plural(idle.sessions, "session", "sessions"),
                     plural(idle.statements, "statement", "statements"),
                     plural(idle.steps.size(), "round trip", "round trips"),
                     lock == nullptr ? std::string("no lock") : "it locks (" + told(*lock) + ")",
                     idle.writes() == 0
                         ? std::string("nothing written")
                         : plural(idle.writes(), "statement that writes", "statements that write"));
}

/// What a crash between body and record leaves depends on it.
enum class Recorded { in_message, in_transaction, apart };

/// Of the record in step `at`: is it the transaction of the session's last body before it?
Recorded recorded(const std::vector<TracedStep>& steps, std::size_t at) {
  if (steps[at].has(Role::body)) return Recorded::in_message;
  for (std::size_t step = at; step-- > 0;) {
    if (steps[step].session != steps[at].session) continue;
    if (!steps[step].leaves_open) return Recorded::apart;
    if (steps[step].has(Role::body)) return Recorded::in_transaction;
  }
  return Recorded::apart;
}

/// The steps that record a migration: of each the last one that names it. A bootstrap's row may
/// hold a migration's number by chance.
std::set<std::size_t> steps_that_record(const std::vector<TracedStep>& steps) {
  std::map<std::size_t, std::size_t> last;  // by migration
  for (std::size_t step = 0; step < steps.size(); ++step)
    for (const TracedStatement& statement : steps[step].statements)
      if (statement.role == Role::record && statement.migration) last[*statement.migration] = step;
  std::set<std::size_t> recording;
  for (const auto& [migration, step] : last) recording.insert(step);
  return recording;
}

std::string told_records(const Trace& trace) {
  if (trace.tracker.table.empty()) return "no table was recognised as its tracker";
  const std::vector<TracedStep>& steps = trace.first.steps;
  // A row that names no migration, as a bootstrap writes it, records none; where no row names one,
  // all count.
  const std::set<std::size_t> recording = steps_that_record(steps);
  std::map<Recorded, std::size_t> counts;
  for (std::size_t step = 0; step < steps.size(); ++step)
    if (recording.empty() ? steps[step].has(Role::record) : recording.contains(step))
      ++counts[recorded(steps, step)];
  std::string text = fmt::format("in {}", trace.tracker.table);
  if (counts.empty() || trace.first.bodies == 0) return text;
  switch (counts.rbegin()->first) {
    case Recorded::in_message:
      return text + ", in the message of the body";
    case Recorded::in_transaction:
      return text + ", in the body's transaction";
    case Recorded::apart:
      break;
  }
  return text +
         ", outside the body's transaction: a crash between the two leaves one without the other";
}

}  // namespace

Trace::Answers answers_of(const Trace& trace) {
  Trace::Answers answers;
  const TracedRun& run = trace.first;
  if (const TracedLock* lock = main_lock(run)) {
    answers.sureness = lock->sureness;
    answers.locks =
        fmt::format("yes: {}; {} of {} bodies ran under it", told(*lock), lock->bodies, run.bodies);
    if (!lock->granted) answers.locks = fmt::format("it asks for {}, in vain", told(*lock));
  } else if (!run.locks.empty()) {
    answers.sureness = Sureness::guess;
    answers.locks = fmt::format("hardly: {}", told(run.locks.front()));
  } else {
    answers.sureness = run.bodies > 0 ? Sureness::likely : Sureness::guess;
    answers.locks = "no lock was seen; what a function takes inside the server is not";
  }
  answers.looks = look_order(run, trace.second);
  answers.records = told_records(trace);
  answers.idle = told_idle(trace.second);
  return answers;
}

}  // namespace gauntlet::trace
