// The floor of applying: a bare libpq loop that sends each file's body and its record as one
// message. No lock, no plan, no checksum, no reset.
//   bare-apply CONNINFO FOLDER
#include "benchmarks/floor/files.h"

#include <libpq-fe.h>

namespace {

bool send(PGconn* connection, const std::string& message) {
  PGresult* result = PQexec(connection, message.c_str());
  const ExecStatusType status = PQresultStatus(result);
  PQclear(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return true;
  std::fputs(PQerrorMessage(connection), stderr);
  return false;
}

bool apply_all(PGconn* connection, const std::string& folder) {
  if (!send(connection,
            "CREATE TABLE applied_migrations (version bigint PRIMARY KEY, name text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT now(), checksum text)")) {
    return false;
  }
  for (const std::string& name : gauntlet::benchmarks::names_in(folder.c_str())) {
    std::string message = gauntlet::benchmarks::contents_of(folder, name);
    message.append("\n;\nINSERT INTO applied_migrations (version, name) VALUES (")
        .append(name, 0, name.find('_'))
        .append(", 'step')");
    if (!send(connection, message)) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  PGconn* connection = PQconnectdb(argv[1]);
  const bool applied = apply_all(connection, argv[2]);
  PQfinish(connection);
  return applied ? 0 : 1;
}
