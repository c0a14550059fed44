// Where throwaway databases come from: a fresh server each, or a given scratch server.
#pragma once

#include "harness/arena/address.h"
#include "harness/arena/server.h"
#include "harness/process/owner.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gauntlet::arena {

/// A throwaway database; gone, with its server where it has one of its own, on destruction.
class Database {
 public:
  virtual ~Database() = default;
  virtual const Address& address() const = 0;   ///< for our own sessions
  virtual const Address& loopback() const = 0;  ///< for programs under test: TCP where we chose it
  /// The server's own maintenance database: for the watcher that must not stand in this one.
  virtual const Address& maintenance() const = 0;
  /// The log of a throwaway server so far; empty on a given server, whose log is out of reach.
  virtual std::string server_log() const { return {}; }
  /// Leaves it in place and returns how to reach it, password included: `--keep` prints it.
  virtual std::string keep() = 0;
};

struct ArenaOptions {
  ServerOptions server = {};
  std::string init_sql = {};  ///< SQL run in every fresh database before anything else
  /// --copy-limit: beyond it a copy takes the schema and a sample of every table's rows.
  std::uint64_t copy_bytes_max = 2'000'000'000;
  std::size_t sample_rows_max = 10'000;  ///< of one table, in a sample
};

class Arena {
 public:
  virtual ~Arena() = default;

  /// The database that is judged: the user's, or an empty one of our own server.
  virtual const Address& given() const = 0;
  virtual bool is_ephemeral() const = 0;  ///< true: each database has a throwaway server of its own
  /// The databases lie on throwaway servers that this program started.
  virtual bool has_own_servers() const { return is_ephemeral(); }

  /// An empty database (template0's encoding and the given database's locale).
  /// Throws: Error `needs-createdb`, `cannot-create-database`.
  virtual std::unique_ptr<Database> fresh(const std::string& purpose) = 0;

  /// A copy of the given database as it was at the first call; `how` says in words what was copied
  /// and by which means. The given database itself is read once, all copies are made from that.
  /// Throws: Error `cannot-copy` with the reason.
  struct Copy {
    std::unique_ptr<Database> database;
    std::string how;
    bool is_sampled = false;  ///< it has some of the rows only
  };
  virtual Copy copy_of_given(const std::vector<std::string>& tracker_tables) = 0;
};

/// `ephemeral`, or a URL. Throws: Error `no-server-binaries`, `connect-failed`.
std::unique_ptr<Arena> open(const std::string& database, const ArenaOptions& options);

/// Databases on one throwaway server, which outlives the arena.
std::unique_ptr<Arena> open_on(const Server& server);

/// Drops the databases on a given server whose owner is dead, and no others. Returns how many.
/// Every open() of a URL does this first. Throws: Error `connect-failed`.
int sweep_databases(const Address& server);
/// The same once the server has noticed that `ended`, a process that was killed, is gone: until
/// then it counts as alive. Waits 10 s at most.
int sweep_databases_after(const process::Owner& ended, const Address& server);

/// A fresh schema in a database that we may write to; dropped with all in it on destruction.
class Schema {
 public:
  Schema(Address address, const std::string& purpose);
  ~Schema();
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;
  const std::string& name() const { return name_; }

 private:
  Address address_;
  std::string name_;
};

/// A key for pg_advisory_lock that no other arena has: 63 random bits, never 0.
std::int64_t unique_lock_key();

}  // namespace gauntlet::arena
