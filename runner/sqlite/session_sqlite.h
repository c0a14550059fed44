// How a SQLite file is opened. Part of the session; nobody else includes it but what reads a
// database without touching it.
#pragma once

#include "runner/values/session.h"
#include "runner/values/sql_dialect.h"

#include <filesystem>
#include <memory>
#include <string>

namespace gauntlet::runner {

enum class SqliteAccess {
  create,         ///< to write, also a new file
  write,          ///< to write a file that is there
  read,           ///< changes nothing, takes a shared lock on the file while a statement runs
  read_with_shm,  ///< the same beside a write-ahead log and its index, which others write
  read_still,     ///< as if nobody wrote: no lock, no log, no journal
};

/// Throws: Error `connect-failed`.
std::unique_ptr<Session> open_sqlite(const std::filesystem::path& file, SqliteAccess access,
                                     const SqlDialect& dialect);

/// The file of `sqlite:PATH`. Throws: Error `connect-failed` if it names none.
std::filesystem::path sqlite_file_of(const std::string& database);

/// Code `no-such-database`.
Error no_such_file(const std::filesystem::path& file);

}  // namespace gauntlet::runner
