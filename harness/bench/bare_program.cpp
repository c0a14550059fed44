// The floor of every program that asks PostgreSQL something: libpq, one connection, one SELECT.
//   gauntlet-bare CONNINFO
#include <cstdio>

#include <libpq-fe.h>

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  PGconn* connection = PQconnectdb(argv[1]);
  PGresult* result = PQexec(connection, "SELECT 1");
  const bool answered = PQresultStatus(result) == PGRES_TUPLES_OK;
  if (!answered) std::fputs(PQerrorMessage(connection), stderr);
  PQclear(result);
  PQfinish(connection);
  return answered ? 0 : 1;
}
