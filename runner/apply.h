// Applies what is pending: lock, read, plan, run, record. The library's main door.
#pragma once

#include "runner/delivery.h"
#include "runner/inspect.h"
#include "runner/session.h"
#include "runner/source.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace gauntlet::runner {

/// How replicas take turns (PostgreSQL).
enum class LockMode {
  /// A session's advisory lock, tried and never waited for in the server: the refused listen.
  notify,
  /// The classic, a session that waits in pg_advisory_lock(): it holds a snapshot, so a CREATE
  /// INDEX
  /// CONCURRENTLY of the holder waits for the waiters. For comparison.
  blocking,
  /// A transaction's advisory lock, with a look at the tracker, inside each migration's own
  /// transaction: what a transaction pooler allows. Migrations outside a transaction are refused.
  transaction,
  /// The same with a lock on the tracker itself.
  table,
  /// Nobody is excluded: only for a database that nobody else migrates.
  none,
};

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
};
struct Waiting {
  std::string holder;
  std::chrono::milliseconds since;
};
struct MigrationStarted {
  Version version;
  std::string name;
  std::size_t number, count;
};
struct MigrationFinished {
  Version version;
  std::string name;
  std::chrono::microseconds took;
};
struct Warned {
  std::string text;
};
struct RunFinished {
  std::size_t applied;
  std::chrono::microseconds took;
};
using Event =
    std::variant<RunStarted, Waiting, MigrationStarted, MigrationFinished, Warned, RunFinished>;
using Observer = std::function<void(const Event&)>;

/// Applies every pending migration in ascending order and returns those that THIS call applied.
/// Throws: Error (refused, interrupted, lock wait too long, failed elsewhere), SqlError (a
/// statement failed).
std::vector<Version> up(SessionSource& sessions, const Listing& listing, const RunOptions& options,
                        const Observer& observer = {});

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

/// Sessions by URL, a new connection each.
std::unique_ptr<SessionSource> sessions_of(std::string conninfo, ConnectOptions options = {});

}  // namespace gauntlet::runner
