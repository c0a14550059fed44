#include "harness/trace/lock_use.h"

#include "harness/oracle/advisory_locks.h"
#include "harness/sql/advisory_calls.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace gauntlet::trace {
namespace {

using core::Event;
using Form = TracedLock::Form;
using std::chrono::microseconds;

bool is_lock_table(const std::string& table) {
  return sql::bare(table).find("lock") != std::string::npos;
}

/// A committed row that says `locked`: the table, where the statement sets or makes one.
std::optional<std::string> lock_row_of(const Statement& statement) {
  using Verb = Statement::Verb;
  if (statement.verb != Verb::insert && statement.verb != Verb::update &&
      statement.verb != Verb::remove)
    return std::nullopt;
  for (const auto& table : statement.writes)
    if (is_lock_table(table)) return table;
  return std::nullopt;
}

std::string call_in(const Statement& statement) {
  for (const auto& call : sql::advisory_calls(statement.text))
    if (!call.releases()) return call.function;
  return {};
}

class Locks {
 public:
  Locks(const core::History& history, const std::vector<ReadStep>& steps,
        const std::string& tracker)
      : history_(history), steps_(steps), tracker_(tracker), story_(oracle::lock_story(history)) {
    for (std::size_t at = 0; at < history.events.size(); ++at) {
      const Event& event = history.events[at];
      if (event.kind == Event::Kind::let_go && event.step) let_go_[*event.step] = at;
    }
    for (const ReadStep& step : steps)
      for (const Statement& statement : step.statements)
        if (statement.verb == Statement::Verb::update)
          updated_.insert(statement.writes.begin(), statement.writes.end());
  }

  std::vector<TracedLock> read() {
    for (const auto& holding : story_.holdings) read_advisory(holding);
    read_refused();
    for (std::size_t step = 0; step < steps_.size(); ++step)
      for (std::size_t i = 0; i < steps_[step].statements.size(); ++i)
        if (!steps_[step].bodies[i]) read_statement(step, steps_[step].statements[i]);
    std::stable_sort(locks_.begin(), locks_.end(),
                     [](const auto& a, const auto& b) { return a.step < b.step; });
    return std::move(locks_);
  }

 private:
  microseconds time_of(std::size_t event) const {
    return event < history_.events.size() ? history_.events[event].at
           : history_.events.empty()      ? microseconds(0)
                                          : history_.events.back().at;
  }

  bool has_body(std::size_t step) const {
    return std::any_of(steps_[step].bodies.begin(), steps_[step].bodies.end(),
                       [](const auto& body) { return body.has_value(); });
  }

  std::size_t bodies_between(std::size_t from, std::size_t until, std::size_t own_step) const {
    std::size_t count = 0;
    for (const auto& [step, at] : let_go_)
      if (has_body(step) && ((at > from && at < until) || step == own_step)) ++count;
    return count;
  }

  /// A session that only ends is judged as having let go before its last answer; here it is told
  /// until when it was there.
  std::size_t end_of(const oracle::Holding& holding) const {
    if (holding.end != oracle::Holding::End::session_ended) return holding.until;
    std::size_t last = holding.until;
    for (std::size_t at = last; at < history_.events.size(); ++at) {
      const Event& event = history_.events[at];
      const bool counts = event.kind == Event::Kind::answered || event.kind == Event::Kind::closed;
      if (counts && core::SessionId{event.replica, event.session} == holding.session) last = at;
    }
    return last;
  }

  const Statement* taking(std::size_t step) const {
    for (const Statement& statement : steps_[step].statements)
      if (!call_in(statement).empty()) return &statement;
    return nullptr;
  }

  void read_advisory(const oracle::Holding& holding) {
    const Statement* statement = taking(holding.step);
    const std::string function = statement == nullptr ? "an advisory lock" : call_in(*statement);
    const bool of_transaction = function.find("_xact_") != std::string::npos;
    const std::size_t until = end_of(holding);
    TracedLock lock{.form = of_transaction ? Form::advisory_transaction : Form::advisory_session,
                    .object = holding.key,
                    .how = function,
                    .waits = function.find("_try_") == std::string::npos,
                    .attempts = 1 + refusals_before(holding.session, holding.step),
                    .session = holding.session.number,
                    .step = holding.step,
                    .from = time_of(holding.from),
                    .until = time_of(until),
                    .bodies = bodies_between(holding.from, until,
                                             of_transaction ? holding.step : steps_.size()),
                    .why = "the server was seen to give it"};
    constexpr std::string_view ends[] = {"nothing: it was still held", "an unlock",
                                         "the transaction's end", "the session's end"};
    lock.ended_by = ends[static_cast<std::size_t>(holding.end)];
    locks_.push_back(std::move(lock));
  }

  /// Tries before `step` that were answered `f`.
  std::size_t refusals_before(core::SessionId session, std::size_t step) const {
    std::size_t count = 0;
    for (std::size_t at = 0; at < step; ++at) {
      const Statement* statement = taking(at);
      if (statement != nullptr && steps_[at].record->step.session == session &&
          call_in(*statement).find("_try_") != std::string::npos)
        ++count;
    }
    return count;
  }

  /// Advisory locks that were asked for and never had.
  void read_refused() {
    if (!locks_.empty()) return;
    for (std::size_t step = 0; step < steps_.size(); ++step) {
      const Statement* statement = taking(step);
      if (statement == nullptr || steps_[step].record->step.kind == core::Step::Kind::prepare)
        continue;
      const std::string function = call_in(*statement);
      const bool shared = function.ends_with("_shared");
      locks_.push_back({.form = function.find("_xact_") != std::string::npos
                                    ? Form::advisory_transaction
                                    : Form::advisory_session,
                        .object = statement->text,
                        .how = function,
                        .waits = function.find("_try_") == std::string::npos,
                        .granted = shared,
                        .session = steps_[step].record->step.session.number,
                        .step = step,
                        .ended_by = shared ? "not followed" : "",
                        .sureness = shared ? Sureness::guess : Sureness::likely,
                        .why = shared ? "it asks for a shared lock, which keeps nobody out"
                                      : "it asks for it, and was not seen to be given it"});
      return;
    }
  }

  void read_statement(std::size_t step, const Statement& statement) {
    const core::Step& asked = steps_[step].record->step;
    if (asked.kind == core::Step::Kind::prepare) return;
    if (statement.verb == Statement::Verb::lock && !statement.writes.empty()) {
      add_until_commit(step, Form::table, statement.writes.front(), statement,
                       "LOCK TABLE says so");
    } else if (!statement.lock_mode.empty() && !statement.reads.empty()) {
      add_until_commit(step, Form::rows, statement.reads.front(), statement,
                       "rows are locked until the transaction ends, where there are any");
    } else if (const auto table = lock_row_of(statement); table && !is_open(*table)) {
      add_lock_row(step, *table, statement);
    } else if (table) {
      end_lock_row(step, *table);
    }
  }

  bool is_open(const std::string& table) const {
    return std::any_of(locks_.begin(), locks_.end(), [&](const TracedLock& lock) {
      return lock.form == Form::lock_row && lock.object == table && lock.ended_by.empty();
    });
  }

  void add_until_commit(std::size_t step, Form form, const std::string& object,
                        const Statement& statement, std::string why) {
    const core::SessionId session = steps_[step].record->step.session;
    const std::size_t from = let_go_.contains(step) ? let_go_.at(step) : 0;
    const std::size_t until = end_of_transaction(session, step);
    const bool counts =
        form == Form::table || sql::bare(object) == sql::bare(tracker_) || is_lock_table(object);
    locks_.push_back({.form = form,
                      .object = object,
                      .how = statement.lock_mode,
                      .waits = statement.waits,
                      .session = session.number,
                      .step = step,
                      .from = time_of(from),
                      .until = time_of(until),
                      .ended_by = "the transaction's end",
                      .bodies = bodies_between(from, until, step),
                      .sureness = counts ? Sureness::certain : Sureness::guess,
                      .why = std::move(why)});
  }

  std::size_t end_of_transaction(core::SessionId session, std::size_t step) const {
    for (std::size_t at = 0; at < history_.events.size(); ++at) {
      const Event& event = history_.events[at];
      if (event.kind != Event::Kind::answered || !event.step || *event.step < step) continue;
      const auto& record = history_.steps[*event.step];
      if (record.step.session == session && record.reply && !record.reply->in_transaction)
        return at;
    }
    return history_.events.size();
  }

  void add_lock_row(std::size_t step, const std::string& table, const Statement& statement) {
    // Making the row that is locked later is no locking.
    if (statement.verb == Statement::Verb::remove) return;
    if (statement.verb == Statement::Verb::insert && updated_.contains(table)) return;
    const std::size_t from = let_go_.contains(step) ? let_go_.at(step) : 0;
    // Whoever writes the row while its transaction is open waits for the end of that.
    const auto& reply = steps_[step].record->reply;
    locks_.push_back({.form = Form::lock_row,
                      .object = table,
                      .how = statement.verb == Statement::Verb::insert ? "INSERT" : "UPDATE",
                      .waits = reply && reply->in_transaction,
                      .session = steps_[step].record->step.session.number,
                      .step = step,
                      .from = time_of(from),
                      .until = time_of(history_.events.size()),
                      .bodies = bodies_between(from, history_.events.size(), step),
                      .sureness = Sureness::likely,
                      .why = "the table's name says lock, and a row of it is written before and "
                             "after the migrations"});
  }

  void end_lock_row(std::size_t step, const std::string& table) {
    for (TracedLock& lock : locks_) {
      if (lock.form != Form::lock_row || lock.object != table || !lock.ended_by.empty()) continue;
      const std::size_t from = let_go_.contains(lock.step) ? let_go_.at(lock.step) : 0;
      const std::size_t until = let_go_.contains(step) ? let_go_.at(step) : from;
      lock.until = time_of(until);
      lock.bodies = bodies_between(from, until, lock.step);
      lock.ended_by = "a second write of the row";
    }
  }

  const core::History& history_;
  const std::vector<ReadStep>& steps_;
  const std::string& tracker_;
  const oracle::LockStory story_;
  std::map<std::size_t, std::size_t> let_go_;  // by step: the position of its event
  std::set<std::string> updated_;              // tables
  std::vector<TracedLock> locks_;
};

}  // namespace

std::vector<TracedLock> locks_of(const core::History& history, const std::vector<ReadStep>& steps,
                                 const std::string& tracker) {
  return Locks(history, steps, tracker).read();
}

bool takes_lock(const Statement& statement, const std::string& tracker) {
  if (!call_in(statement).empty() || statement.verb == Statement::Verb::lock) return true;
  if (!statement.lock_mode.empty() && !statement.reads.empty())
    return sql::bare(statement.reads.front()) == sql::bare(tracker) ||
           is_lock_table(statement.reads.front());
  return lock_row_of(statement).has_value();
}

bool gives_back(const Statement& statement) {
  const auto calls = sql::advisory_calls(statement.text);
  return std::any_of(calls.begin(), calls.end(), [](const auto& call) { return call.releases(); });
}

}  // namespace gauntlet::trace
