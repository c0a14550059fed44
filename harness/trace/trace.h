// What a runner does, as two histories of it tell: one with migrations pending, one with nothing to
// do. Recognised, not known: everything that is concluded says how sure it is, and why. Pure.
#pragma once

#include "harness/core/history.h"
#include "harness/trace/sources.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::trace {

/// `certain` is shown by what was seen to happen, `likely` by a name or a form that is in use for
/// it, a `guess` by little.
enum class Sureness { certain, likely, guess };
std::string_view to_string(Sureness sureness);

/// What a statement is to the runner.
enum class Role {
  begin,
  commit,
  rollback,
  lock,
  unlock,
  look,
  record,
  bootstrap,
  body,
  prepare,
  other
};
std::string_view to_string(Role role);

struct TracedStatement {
  Role role = Role::other;
  std::string text = {};
  std::optional<std::size_t> migration = {};  ///< of a body or a record: a position in the sources
};

/// One message and its answer: a round trip.
struct TracedStep {
  std::size_t session = 0;
  std::chrono::microseconds asked{0}, answered{0};
  std::vector<TracedStatement> statements = {};
  std::vector<std::string> parameters = {};
  std::string outcome = {};  ///< the last tag, `22012 division by zero`, `lost`, or empty
  bool failed = false;
  bool leaves_open = false;  ///< a transaction is open after it

  Role role() const;  ///< the one that matters most of its statements'
  bool has(Role role) const;
};

struct TracedLock {
  enum class Form { advisory_session, advisory_transaction, table, rows, lock_row };
  Form form = Form::advisory_session;
  std::string object = {};  ///< its key, or the table
  std::string how = {};     ///< the function, or the mode
  bool waits = false;       ///< the server keeps whoever comes second waiting
  std::size_t attempts = 1;
  bool granted = true;
  std::size_t session = 0, step = 0;
  std::chrono::microseconds from{0}, until{0};
  std::string ended_by = {};
  std::size_t bodies = 0;       ///< how many bodies ran while it was held
  std::size_t taken_again = 0;  ///< how often the session took it while it had it
  Sureness sureness = Sureness::certain;
  std::string why = {};
};
std::string_view to_string(TracedLock::Form form);

struct TracedRun {
  std::string exit = {};
  bool ok = false;
  std::chrono::microseconds took{0};
  std::size_t sessions = 0, statements = 0, transactions = 0;
  std::vector<TracedStep> steps = {};
  std::vector<TracedLock> locks = {};
  std::size_t looks = 0, records = 0, bodies = 0;
  /// Round trips of each migration that was seen to run, by position in the sources.
  struct OfMigration {
    std::size_t migration = 0, round_trips = 0;
  };
  std::vector<OfMigration> migrations = {};
  std::vector<std::string> notes = {};
  core::ReplicaOutput output = {};

  std::size_t writes() const;  ///< steps that changed something, as far as their tags tell
};

struct TracedTracker {
  std::string table = {};  ///< empty: none was recognised
  std::string tool = {};   ///< whose name for it this is, where it is known
  Sureness sureness = Sureness::guess;
  std::string why = {};
};

struct Trace {
  std::string subject = {}, server = {};
  std::vector<Source> sources = {};
  TracedTracker tracker = {};
  TracedRun first = {}, second = {};

  /// Does it lock, with what, and before it looks? One sentence each.
  struct Answers {
    std::string locks = {}, looks = {}, records = {}, idle = {};
    Sureness sureness = Sureness::certain;
  };
  Answers answers = {};
};

/// `pending` is the run that had work to do, `idle` the one after it.
Trace read(const core::History& pending, const core::History& idle, std::vector<Source> sources);

std::string text(const Trace& trace);
std::string json(const Trace& trace);
/// One page, everything in it: the answers, a timeline of both runs, and their steps.
std::string html(const Trace& trace);

}  // namespace gauntlet::trace
