// How a run goes, and what it reports while it goes: options and events. Values.
#pragma once

#include "runner/values/delivery.h"
#include "runner/values/direction.h"
#include "runner/values/lock_mode.h"
#include "runner/values/migration.h"
#include "runner/values/session.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>

namespace gauntlet::runner {

/// Where the tracker lives and how strictly it is compared.
struct TrackerOptions {
  std::string table = {};  ///< `table` or `schema.table`; empty: applied_migrations
  /// The predecessor's table; empty: schema_migrations, if it has exactly golang-migrate's columns.
  std::string legacy_table = {};
  bool verify_checksums = true;
};

/// What runs before a version's migration, on a session of its own; throws to stop the run.
using Hook = std::function<void(Session&)>;

/// How often a file is run again, whole, after a lock timeout (SQLSTATE 55P03) ended it.
struct LockRetries {
  int times = 20;
  std::chrono::milliseconds within{60'000};  ///< from the first attempt's start
};

struct RunOptions {
  TrackerOptions tracker = {};
  LockMode lock = LockMode::notify;
  std::int64_t lock_key = 0;                         ///< 0: FNV-1a-64 of `schema.table`
  std::chrono::milliseconds lock_wait_max{600'000};  ///< 0 waits for ever
  std::chrono::milliseconds statement_timeout{0};    ///< per statement; 0 leaves the server's
  /// PostgreSQL's lock_timeout for each SQL file that runs in a transaction, where the session has
  /// none from its role, its database or the file; 0 leaves it so. PostgreSQL only.
  std::chrono::milliseconds lock_timeout{1'000};
  LockRetries lock_retries = {};
  bool strict = false;          ///< applied but not on disk stops the run
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
/// A lock timeout ended a migration's attempt; it was rolled back and will be tried again.
struct LockRetried {
  Version version;
  std::string name;
  int attempt;  ///< the one that failed, from 1
  int attempts_max;
  std::chrono::milliseconds pause;  ///< before the next
  /// Who holds locks on tables that the file names: `pid 4711 "psql", idle in transaction, holds
  /// AccessShareLock on public.orders`; empty if nobody does any more.
  std::string holders;
};
/// The server reported a notice or a warning while a migration ran.
struct Noticed {
  Version version;
  std::string name;
  ServerMessage said;
};
struct RunFinished {
  std::size_t applied;  ///< or, downwards, rolled back
  std::chrono::microseconds took;
  Direction direction = Direction::up;
};
using Event = std::variant<RunStarted, Waiting, MigrationStarted, MigrationFinished, Warned,
                           LockRetried, Noticed, RunFinished>;
using Observer = std::function<void(const Event&)>;

}  // namespace gauntlet::runner
