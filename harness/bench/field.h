// Where fleets are measured: databases on one server, reached over a network as far away as is
// wanted, and what that server has used. Belongs to one thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/arena/connection.h"
#include "harness/arena/fleet_conditions.h"
#include "harness/bench/relay.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace gauntlet::bench {

/// Of what a body did a row each, so that a second time is seen.
constexpr const char* journal_init_sql = "CREATE TABLE journal (version bigint NOT NULL)";

class Field {
 public:
  /// The arena outlives it. Where the server runs on this machine and for us alone, what it uses is
  /// told. Throws: Error `connect-failed`.
  enum class Server { ours, given };
  Field(arena::Arena& arena, Server server);

  /// An empty database but for the journal.
  std::unique_ptr<arena::Database> fresh();
  /// The server's processes count against our own process limit.
  bool serves_itself() const { return arena::servers_share_our_account(arena_); }

  /// How programs reach the database with so much added to each round trip.
  arena::Address reach(const arena::Database& database, double round_trip_ms);

  /// Returns when no session is in the database any more, or a bound is over: what one fleet leaves
  /// to the server to do must not fall on the next.
  void await_quiet(const arena::Database& database);

  /// Of the server and all its sessions that have ended; nullopt where it cannot be told. In steps
  /// of 10 ms.
  std::optional<double> server_cpu_ms() const;

 private:
  arena::Arena& arena_;
  arena::Connection control_;
  std::optional<int> postmaster_ = {};
  std::map<double, std::unique_ptr<Relay>> relays_ = {};
};

}  // namespace gauntlet::bench
