// A scenario is data: what is on disk, who starts when, and which oracles judge. No control flow.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::scenario {

/// A file of the migrations' folder.
struct File {
  std::string name;  ///< `001_orders.up.sql`
  std::string sql;
};

enum class Arrival {
  together,   ///< all stand at the gate with their first step before one is let go
  staggered,  ///< each comes at a random moment within half a second
};

/// Somebody outside the fleet holds the migration lock when the replicas come. It is given back
/// once all of them were seen to ask for it and `window` has passed.
struct ForeignLock {
  std::chrono::milliseconds window{1'000};
};

/// One deploy: replicas that start over the same folder.
struct Stage {
  std::string_view name;  ///< `first deploy`
  /// What joins the folder before it, or replaces what has the same name.
  std::vector<File> files = {};
  /// SQL that somebody else runs in the database before it.
  std::string_view prepare = {};
  std::size_t replicas = 16;
  Arrival arrival = Arrival::together;
  /// So many connections are shared by all replicas; 0: each opens its own.
  std::size_t connections = 0;
  std::string_view table = {};  ///< of the tracker; empty: the runner's default
  std::optional<ForeignLock> foreign_lock = {};
  std::vector<std::string_view> oracles = {};
};

struct Scenario {
  std::string_view id;     ///< `family/name`
  std::string_view claim;  ///< one sentence: what holds
  std::string_view why;    ///< one sentence: what happens in production where it does not
  std::vector<Stage> stages;
  /// Of one stage. Whoever is not done then is ended, and the result is unknown.
  std::chrono::milliseconds patience{60'000};
};

}  // namespace gauntlet::scenario
