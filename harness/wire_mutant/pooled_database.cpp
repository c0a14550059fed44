#include "harness/wire_mutant/pooled_database.h"

#include "harness/arena/connection.h"

namespace gauntlet::wire_mutant {

namespace {

/// What drivers send as they connect, and production's poolers are told to pass over.
const arena::PoolerOptions pooler_options{
    .mode = arena::PoolerOptions::Mode::transaction,
    .settings = {{"ignore_startup_parameters",
                  "extra_float_digits,options,search_path,statement_timeout,lock_timeout"}}};

}  // namespace

PooledDatabase::PooledDatabase(const arena::Database& database)
    : database_(database),
      pooler_(database.address(), pooler_options),
      through_(database.loopback()
                   .with("host", pooler_.address().host())
                   .with("port", pooler_.address().port())) {}

std::size_t PooledDatabase::advisory_locks() const {
  return std::stoul(arena::Connection(database_.maintenance())
                        .ask_one("SELECT count(*) FROM pg_catalog.pg_locks l JOIN "
                                 "pg_catalog.pg_database d ON d.oid = l.database WHERE l.locktype "
                                 "= 'advisory' AND d.datname = $1",
                                 {database_.address().database()}));
}

}  // namespace gauntlet::wire_mutant
