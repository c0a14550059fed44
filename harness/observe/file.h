// The same as observe.h tells, of a SQLite file: read so that no file of its folder changes.
#pragma once

#include "harness/observe/observe.h"
#include "runner/values/session.h"

#include <functional>

namespace gauntlet::observe {

/// Reads the file with `with`, which may be called more than once. False if there is no file, or
/// what is there is no database. Throws: SqlError, Error.
bool read_if_database(const arena::Address& address,
                      const std::function<void(runner::Session&)>& with);

core::Snapshot snapshot_of_file(const arena::Address& address, const Wanted& wanted);
/// Whoever holds the file's lock when `patience` is over. Throws: SqlError where the engine cannot
/// tell, but for a file that is no database, which nobody holds.
core::Leftovers leftovers_of_file(const arena::Address& address,
                                  std::chrono::milliseconds patience);
std::optional<core::Applied> applied_in_file(const arena::Address& address,
                                             const std::string& query, std::string& missing,
                                             std::string_view tool = {});
std::vector<std::string> tracker_like_tables_of_file(const arena::Address& address);
std::optional<std::vector<std::int64_t>> journal_of_file(const arena::Address& address);

}  // namespace gauntlet::observe
