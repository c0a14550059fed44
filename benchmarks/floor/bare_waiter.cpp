// The floor of waiting for another's migrations: listens, and once it is notified sends one SELECT
// and leaves.
//   bare-waiter CONNINFO CHANNEL
#include <cstdio>
#include <string>

#include <libpq-fe.h>
#include <poll.h>

namespace {

bool send(PGconn* connection, const std::string& statement) {
  PGresult* result = PQexec(connection, statement.c_str());
  const ExecStatusType status = PQresultStatus(result);
  PQclear(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return true;
  std::fputs(PQerrorMessage(connection), stderr);
  return false;
}

bool is_notified(PGconn* connection) {
  while (true) {
    PGnotify* notice = PQnotifies(connection);
    if (notice != nullptr) {
      PQfreemem(notice);
      return true;
    }
    pollfd polled{PQsocket(connection), POLLIN, 0};
    if (poll(&polled, 1, -1) < 0 || PQconsumeInput(connection) == 0) return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  PGconn* connection = PQconnectdb(argv[1]);
  const bool done = send(connection, std::string("LISTEN ") + argv[2]) && is_notified(connection) &&
                    send(connection, "SELECT 1");
  PQfinish(connection);
  return done ? 0 : 1;
}
