// The statements that make, fill and drop a throwaway database. On the caller's connection and
// thread.
#pragma once

#include "harness/arena/connection.h"

#include <string>

namespace gauntlet::arena {

struct NewDatabase {
  std::string name;
  std::string template_name = "template0";
  /// Encoding and locale of this database (in the same server); empty: the template's.
  std::string like = {};
};

/// By file copy where the server can. Throws: StatementError.
void create_database(Connection& connection, const NewDatabase& wanted);

/// Ends the sessions in it, which are all guests of ours, and drops it; nothing if there is none.
/// Throws: StatementError.
void drop_database(Connection& connection, const std::string& name);

/// Throws: Error `init-sql-failed`.
void run_init_sql(const Address& database, const std::string& sql);

}  // namespace gauntlet::arena
