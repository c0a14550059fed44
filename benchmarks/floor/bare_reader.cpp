// The floor of telling a state: the bare program, and every file of a folder read and hashed.
//   bare-reader CONNINFO FOLDER
#include "benchmarks/floor/files.h"

#include <array>

#include <libpq-fe.h>
#include <openssl/evp.h>

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  PGconn* connection = PQconnectdb(argv[1]);
  PGresult* result = PQexec(connection, "SELECT 1");
  bool done = PQresultStatus(result) == PGRES_TUPLES_OK;
  if (!done) std::fputs(PQerrorMessage(connection), stderr);
  const std::string folder = argv[2];
  for (const std::string& name : gauntlet::benchmarks::names_in(argv[2])) {
    const std::string bytes = gauntlet::benchmarks::contents_of(folder, name);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) ==
               1 &&
           done;
  }
  PQclear(result);
  PQfinish(connection);
  return done ? 0 : 1;
}
