// A database becomes a Snapshot. Reads only, through sessions of its own.
#pragma once

#include "harness/arena/address.h"
#include "harness/core/report.h"
#include "harness/core/snapshot.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::observe {

struct Wanted {
  bool catalogue = true, data = true, sequences = true, leftovers = false;
  /// Of look(): the bodies' journal. Where nobody asks for it, a user's own table of that name may
  /// have any shape.
  bool journal = true;
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
/// columns. Of several, the one of `tool` (as formats/tracker.cpp names it) is read. nullopt with
/// the reason in `missing` when none is recognised, or several are and none is `tool`'s.
std::optional<core::Applied> applied(const arena::Address& address, const std::string& query,
                                     std::string& missing, std::string_view tool = {});

/// Tables that look like a tracker of a tool that is not known: by their name or their columns.
std::vector<std::string> tracker_like_tables(const arena::Address& address);

/// True where no table can be the tracker: the one that `query` reads does not exist, or, without a
/// query, the database has no table at all. Throws: Error when the database cannot be reached.
bool tracker_is_absent(const arena::Address& address, const std::string& query);

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
/// `tracker` and `tool` as applied() has them; without `tracker` the applied set is not read.
Look look(const arena::Address& address, const Wanted& wanted,
          const std::optional<std::string>& tracker, std::string_view tool = {});

}  // namespace gauntlet::observe
