#include "harness/trace/lock_use.h"

#include "harness/oracle/advisory_locks.h"
#include "harness/sql/advisory_calls.h"
#include "harness/trace/positions.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::trace {
namespace {

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
      : history_(history),
        steps_(steps),
        tracker_(tracker),
        story_(oracle::lock_story(history)),
        at_(history, steps) {
    for (std::size_t step = 0; step < steps.size(); ++step) read_step(step);
  }

  std::vector<TracedLock> read() {
    for (const auto& holding : story_.holdings)
      if (!is_taken_again(holding)) read_advisory(holding);
    read_refused();
    for (std::size_t step = 0; step < steps_.size(); ++step)
      for (std::size_t i = 0; i < steps_[step].statements.size(); ++i)
        if (!steps_[step].bodies[i]) read_statement(step, steps_[step].statements[i]);
    std::stable_sort(locks_.begin(), locks_.end(),
                     [](const auto& a, const auto& b) { return a.step < b.step; });
    return std::move(locks_);
  }

 private:
  void read_step(std::size_t step) {
    std::optional<Taking> taking;
    for (const Statement& statement : steps_[step].statements) {
      if (statement.verb == Statement::Verb::update || statement.verb == Statement::Verb::lock)
        locked_later_.insert(statement.writes.begin(), statement.writes.end());
      else if (!statement.lock_mode.empty())
        locked_later_.insert(statement.reads.begin(), statement.reads.end());
      if (statement.verb == Statement::Verb::remove)
        removed_.insert(statement.writes.begin(), statement.writes.end());
      if (taking) continue;
      if (std::string function = call_in(statement); !function.empty())
        taking = {&statement, std::move(function)};
    }
    if (taking && taking->function.find("_try_") != std::string::npos)
      tries_[steps_[step].record->step.session].push_back(step);
    takings_.push_back(std::move(taking));
  }

  /// True for a lock that the session already holds: a session lock counts how often it was taken.
  /// The first holding stands for all of them.
  bool is_taken_again(const oracle::Holding& holding) {
    auto& held_until = held_until_[{holding.session, holding.key}];
    if (holding.from < held_until.position) {
      ++locks_[held_until.lock].taken_again;
      return true;
    }
    held_until = {end_of(holding), locks_.size()};
    return false;
  }

  microseconds time_of(std::size_t event) const {
    return event < history_.events.size() ? history_.events[event].at
           : history_.events.empty()      ? microseconds(0)
                                          : history_.events.back().at;
  }

  /// A session that only ends is judged as having let go before its last answer; here it is told
  /// until when it was there.
  std::size_t end_of(const oracle::Holding& holding) const {
    if (holding.end != oracle::Holding::End::session_ended) return holding.until;
    return std::max(holding.until, at_.last_seen(holding.session));
  }

  void read_advisory(const oracle::Holding& holding) {
    const auto& taking = takings_[holding.step];
    const std::string function = taking ? taking->function : "an advisory lock";
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
                    .bodies = at_.bodies_between(holding.from, until,
                                                 of_transaction ? holding.step : steps_.size()),
                    .why = "the server was seen to give it"};
    constexpr std::string_view ends[] = {"nothing: it was still held", "an unlock",
                                         "the transaction's end", "the session's end"};
    lock.ended_by = ends[static_cast<std::size_t>(holding.end)];
    locks_.push_back(std::move(lock));
  }

  /// Tries before `step` that were answered `f`.
  std::size_t refusals_before(core::SessionId session, std::size_t step) const {
    const auto found = tries_.find(session);
    if (found == tries_.end()) return 0;
    const std::vector<std::size_t>& tries = found->second;
    return static_cast<std::size_t>(std::lower_bound(tries.begin(), tries.end(), step) -
                                    tries.begin());
  }

  /// Advisory locks that were asked for and never had.
  void read_refused() {
    if (!locks_.empty()) return;
    for (std::size_t step = 0; step < steps_.size(); ++step) {
      const auto& taking = takings_[step];
      if (!taking || steps_[step].record->step.kind == core::Step::Kind::prepare) continue;
      const std::string& function = taking->function;
      const bool shared = function.ends_with("_shared");
      locks_.push_back({.form = function.find("_xact_") != std::string::npos
                                    ? Form::advisory_transaction
                                    : Form::advisory_session,
                        .object = taking->statement->text,
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

  bool is_open(const std::string& table) const { return open_rows_.contains(table); }

  void add_until_commit(std::size_t step, Form form, const std::string& object,
                        const Statement& statement, std::string why) {
    const core::SessionId session = steps_[step].record->step.session;
    const std::size_t from = at_.let_go(step).value_or(0);
    const std::size_t until = at_.end_of_transaction(session, step);
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
                      .bodies = at_.bodies_between(from, until, step),
                      .sureness = counts ? Sureness::certain : Sureness::guess,
                      .why = std::move(why)});
  }

  void add_lock_row(std::size_t step, const std::string& table, const Statement& statement) {
    if (statement.verb == Statement::Verb::remove) return;
    // Making the row that is locked later is no locking, nor is a row that nobody takes away.
    const bool is_made = statement.verb == Statement::Verb::insert;
    if (is_made && (locked_later_.contains(table) || !removed_.contains(table))) return;
    const std::size_t from = at_.let_go(step).value_or(0);
    open_rows_[table] = locks_.size();
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
                      .bodies = at_.bodies_between(from, history_.events.size(), step),
                      .sureness = Sureness::likely,
                      .why = "the table's name says lock, and a row of it is written before and "
                             "after the migrations"});
  }

  void end_lock_row(std::size_t step, const std::string& table) {
    TracedLock& lock = locks_[open_rows_.at(table)];
    const std::size_t from = at_.let_go(lock.step).value_or(0);
    const std::size_t until = at_.let_go(step).value_or(from);
    lock.until = time_of(until);
    lock.bodies = at_.bodies_between(from, until, lock.step);
    lock.ended_by = "a second write of the row";
    open_rows_.erase(table);
  }

  struct Taking {
    const Statement* statement = nullptr;
    std::string function = {};
  };
  struct Held {
    std::size_t position = 0;  ///< of its end, in the history's events
    std::size_t lock = 0;      ///< position in locks_
  };

  const core::History& history_;
  const std::vector<ReadStep>& steps_;
  const std::string& tracker_;
  const oracle::LockStory story_;
  const Positions at_;
  std::map<core::SessionId, std::vector<std::size_t>> tries_;  // steps that call a `_try_` function
  std::vector<std::optional<Taking>> takings_;  // by step: its first call that takes a lock
  std::map<std::pair<core::SessionId, std::string>, Held> held_until_;  // by session and key
  std::map<std::string, std::size_t> open_rows_;  // by table: position in locks_
  std::set<std::string> removed_;                 // tables: rows of them are deleted
  std::set<std::string> locked_later_;            // tables: updated, or locked as a whole or by row
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
