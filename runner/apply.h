// Applies what is pending: lock, read, plan, run, record. The library's main door.
#pragma once

#include "runner/inspect.h"
#include "runner/source/source.h"
#include "runner/values/delivery.h"
#include "runner/values/direction.h"
#include "runner/values/lock_mode.h"
#include "runner/values/session.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace gauntlet::runner {

/// What runs before a version's migration, on a session of its own; throws to stop the run.
using Hook = std::function<void(Session&)>;

struct RunOptions {
  TrackerOptions tracker = {};
  LockMode lock = LockMode::notify;
  std::int64_t lock_key = 0;                         ///< 0: FNV-1a-64 of `schema.table`
  std::chrono::milliseconds lock_wait_max{600'000};  ///< 0 waits for ever
  std::chrono::milliseconds statement_timeout{0};    ///< per statement; 0 leaves the server's
  std::chrono::milliseconds lock_timeout{0};  ///< for locks on relations; 0 leaves the server's
  bool strict = false;                        ///< applied but not on disk stops the run
  bool retry_failed = false;    ///< try a migration that another replica has just failed at
  bool session_pooler = false;  ///< the user vouches that the pooler in between pins sessions
  NoTransaction no_transaction = NoTransaction::directive;
  std::map<Version, Hook> hooks = {};  ///< only on the way up, only while the version is pending
  std::chrono::milliseconds session_patience{30'000};  ///< how long a pool may take to lend one
  int interrupt_fd =
      -1;  ///< readable: stop waiting, leave nothing behind, throw Error `interrupted`
};

struct RunStarted {
  std::size_t pending;
  Direction direction = Direction::up;
};
struct Waiting {
  std::string holder;
  std::chrono::milliseconds since;
};
/// Where a turn is one migration's (LockMode::transaction, table) another replica may be faster:
/// then no MigrationFinished follows.
struct MigrationStarted {
  Version version;
  std::string name;
  std::size_t number, count;
};
struct MigrationFinished {
  Version version;
  std::string name;
  std::chrono::microseconds took;
  Direction direction = Direction::up;
};
struct Warned {
  std::string text;
};
struct RunFinished {
  std::size_t applied;  ///< or, downwards, rolled back
  std::chrono::microseconds took;
  Direction direction = Direction::up;
};
using Event =
    std::variant<RunStarted, Waiting, MigrationStarted, MigrationFinished, Warned, RunFinished>;
using Observer = std::function<void(const Event&)>;

/// Applies every pending migration in ascending order and returns those that THIS call applied.
/// Throws: Error (refused, interrupted, lock wait too long, failed elsewhere), SqlError (a
/// statement failed).
std::vector<Version> up(SessionSource& sessions, const Listing& listing, const RunOptions& options,
                        const Observer& observer = {});

/// How far down.
struct DownAmount {
  enum class Kind {
    steps,  ///< that many, from the highest applied
    to,     ///< every one above the version `value`, which stays
    all,
  };

  Kind kind;
  std::int64_t value = 0;
};

/// Rolls back what is applied and on disk, in descending order, each body and its row in one
/// transaction; returns what THIS call rolled back. Refuses before anything runs where a version
/// has no down. Throws: as up(); Error `no-down`, `bad-amount`, `unknown-version`.
std::vector<Version> down(SessionSource& sessions, const Listing& listing, DownAmount amount,
                          const RunOptions& options, const Observer& observer = {});

/// What `up` would run, in order, and what would make it refuse. Writes nothing, waits for nobody.
struct Preview {
  struct Step {
    const Migration* migration;  ///< of the listing
    Delivery delivery;
  };
  std::vector<Step> pending;
  std::vector<Error> problems;
};
Preview preview(Session& session, const Listing& listing, const RunOptions& options);

/// Sessions by URL, a new connection each. Any thread may acquire one.
std::unique_ptr<SessionSource> sessions_of(std::string conninfo, ConnectOptions options = {});

}  // namespace gauntlet::runner
