// A database becomes a Snapshot. Reads only, through sessions of its own.
#pragma once

#include "harness/arena/address.h"
#include "harness/core/report.h"
#include "harness/core/snapshot.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::observe {

struct Wanted {
  bool catalogue = true, data = true, sequences = true, leftovers = false;
  /// Beyond this many bytes of tables (pg_table_size) data is not read, and is reported missing.
  std::uint64_t data_bytes_max = 1U << 30U;
  /// The database is a throwaway one: tables under FORCE ROW LEVEL SECURITY are read whole, in a
  /// transaction that alters them and is rolled back.
  bool is_ours = false;
};

/// Throws: Error when the database cannot be reached; a part that cannot be read is reported
/// missing.
core::Snapshot snapshot(const arena::Address& address, const Wanted& wanted = {});

/// Locks and sessions in this database that are not ours, read again until none is left or
/// `patience` is over: a server process needs a moment to notice that its client has gone.
core::Leftovers leftovers(const arena::Address& address, std::chrono::milliseconds patience);

/// Version, locale and the settings that differ from a stock server.
core::ServerFacts server_facts(const arena::Address& address);

/// Roles, tablespaces, databases and their settings: what a migration must not change unasked.
core::Catalogue shared_catalogue(const arena::Address& address);

/// The applied set. `query` gives version[, name], or, where only the newest version is kept, that
/// one as a column `newest`; empty: the trackers of the common tools are recognised by their
/// columns. nullopt with the reason in `missing` when none is recognised.
std::optional<core::Applied> applied(const arena::Address& address, const std::string& query,
                                     std::string& missing);

/// The versions that bodies wrote into the table `journal`, in the order in which they did; nullopt
/// where there is none.
std::optional<std::vector<std::int64_t>> journal(const arena::Address& address);

/// What an oracle may want of a database.
struct Look {
  core::Snapshot snapshot;
  std::optional<core::Applied> applied = {};
  std::string applied_missing = {};  ///< why it is absent
  std::optional<std::vector<std::int64_t>> journal = {};
};

/// All of it through one session: a server's process takes longer to start than to answer.
/// `tracker` as applied() has its query; absent: the applied set is not read.
Look look(const arena::Address& address, const Wanted& wanted,
          const std::optional<std::string>& tracker);

}  // namespace gauntlet::observe
