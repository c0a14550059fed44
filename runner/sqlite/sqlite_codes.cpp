#include "runner/sqlite/sqlite_codes.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

namespace gauntlet::runner {

std::string sqlite_code_name(int code) {
  constexpr std::array<std::pair<int, const char*>, 29> names{
      {{SQLITE_ERROR, "SQLITE_ERROR"},
       {SQLITE_PERM, "SQLITE_PERM"},
       {SQLITE_ABORT, "SQLITE_ABORT"},
       {SQLITE_BUSY, "SQLITE_BUSY"},
       {SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT"},
       {SQLITE_LOCKED, "SQLITE_LOCKED"},
       {SQLITE_NOMEM, "SQLITE_NOMEM"},
       {SQLITE_READONLY, "SQLITE_READONLY"},
       {SQLITE_READONLY_ROLLBACK, "SQLITE_READONLY_ROLLBACK"},
       {SQLITE_READONLY_DIRECTORY, "SQLITE_READONLY_DIRECTORY"},
       {SQLITE_INTERRUPT, "SQLITE_INTERRUPT"},
       {SQLITE_IOERR, "SQLITE_IOERR"},
       {SQLITE_CORRUPT, "SQLITE_CORRUPT"},
       {SQLITE_FULL, "SQLITE_FULL"},
       {SQLITE_CANTOPEN, "SQLITE_CANTOPEN"},
       {SQLITE_SCHEMA, "SQLITE_SCHEMA"},
       {SQLITE_TOOBIG, "SQLITE_TOOBIG"},
       {SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT"},
       {SQLITE_CONSTRAINT_CHECK, "SQLITE_CONSTRAINT_CHECK"},
       {SQLITE_CONSTRAINT_FOREIGNKEY, "SQLITE_CONSTRAINT_FOREIGNKEY"},
       {SQLITE_CONSTRAINT_NOTNULL, "SQLITE_CONSTRAINT_NOTNULL"},
       {SQLITE_CONSTRAINT_PRIMARYKEY, "SQLITE_CONSTRAINT_PRIMARYKEY"},
       {SQLITE_CONSTRAINT_TRIGGER, "SQLITE_CONSTRAINT_TRIGGER"},
       {SQLITE_CONSTRAINT_UNIQUE, "SQLITE_CONSTRAINT_UNIQUE"},
       {SQLITE_CONSTRAINT_ROWID, "SQLITE_CONSTRAINT_ROWID"},
       {SQLITE_MISMATCH, "SQLITE_MISMATCH"},
       {SQLITE_AUTH, "SQLITE_AUTH"},
       {SQLITE_RANGE, "SQLITE_RANGE"},
       {SQLITE_NOTADB, "SQLITE_NOTADB"}}};
  const auto* exact = std::ranges::find(names, code, &decltype(names)::value_type::first);
  if (exact == names.end()) {
    exact = std::ranges::find(names, code & 0xff, &decltype(names)::value_type::first);
  }
  return exact == names.end() ? fmt::format("SQLite error {}", code) : exact->second;
}

std::string sqlite_advice(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "end the process that holds its lock, or allow more time with --wait";
    case SQLITE_READONLY:
      if (code == SQLITE_READONLY_ROLLBACK) break;
      return "give this user the right to write the file and its folder";
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return "check the path, and the rights on the file and its folder";
    case SQLITE_IOERR:
      return "see what the disk has (dmesg), then run it again";
    case SQLITE_CORRUPT:
      return "restore the file from a backup; PRAGMA integrity_check tells what is wrong with it";
    case SQLITE_NOTADB:
      return "check --database: the file is not SQLite's, or it is encrypted";
    case SQLITE_FULL:
      return "make room on the disk";
    default:
      break;
  }
  return {};
}

}  // namespace gauntlet::runner
