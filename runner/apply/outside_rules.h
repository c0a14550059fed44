// What an engine lets a migration leave behind, found by comparing before and after: the sessions
// of an engine return its rules. No state; belongs to the session's thread.
#pragma once

#include "runner/apply/invalid_index.h"
#include "runner/apply/task.h"
#include "runner/sql/outside_statement.h"
#include "runner/values/harm.h"
#include "runner/values/message.h"
#include "runner/values/session.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::runner {

struct Applying;  // apply/applying.h

/// What stood before a task.
class Guard {
 public:
  virtual ~Guard() = default;
  /// Looks again; nullopt if the task did no harm. Throws: SqlError.
  virtual std::optional<Harm> harm() const = 0;
};

/// What a task changes of its connection and not of the database.
class Kept {
 public:
  virtual ~Kept() = default;
  /// Brings it back. Call without a transaction. Throws: SqlError.
  virtual void restore() const = 0;
};

/// What became of the one object that a statement makes or removes.
struct ObjectFound {
  enum class State {
    before,   ///< as if the statement had not run
    half,     ///< an INVALID index, a pending DETACH
    after,    ///< as if the statement had run
    unknown,  ///< the catalogue does not tell
  };
  State state = State::unknown;
  std::string words = {};                 ///< `index public.i is INVALID`; empty unless half
  std::vector<std::string> repairs = {};  ///< to be sent before the statement is sent again
  std::string finish = {};                ///< to be sent in its place
};

class OutsideRules {
 public:
  virtual ~OutsideRules() = default;

  /// Of all tasks, in a transaction or outside. Null where the engine itself refuses such harm.
  virtual std::unique_ptr<Guard> guard(Session& session, const Task& task) const = 0;
  /// Null where the statements between body and record bring everything back.
  virtual std::unique_ptr<Kept> keep_connection(const Applying& applying,
                                                const Task& task) const = 0;
  /// What a file's directives ask for before its transaction begins.
  virtual std::vector<OwnStatement> before_transaction(const Task& task) const = 0;

  /// Looks up the object of a statement that failed, or whose process died. Throws: SqlError.
  virtual ObjectFound look_up(Session& session, const OutsideStatement& statement) const = 0;
  /// A line for each object that `sql` names and that is half done, with the statement that
  /// finishes it.
  virtual std::string half_done(Session& session, std::string_view sql) const = 0;
  /// All of them, whichever statement left them; empty where the engine has no such thing.
  virtual std::set<InvalidIndex> invalid_indexes(Session& session) const = 0;
  /// Whether nothing of `sql`, sent in one message, was committed when the statement after the
  /// first `completed` ones failed.
  virtual bool committed_nothing(std::string_view sql, std::size_t completed) const = 0;
};

}  // namespace gauntlet::runner
