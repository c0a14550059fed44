// A database behind a pgbouncer that lends a server session for a transaction at a time: what its
// programs are told is the way through the pooler, our own sessions go straight. One thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/arena/pooler.h"

#include <cstddef>
#include <string>

namespace gauntlet::wire_mutant {

class PooledDatabase : public arena::Database {
 public:
  /// The database outlives it. Throws: Error `no-pooler`, `pooler-did-not-start`.
  explicit PooledDatabase(const arena::Database& database);

  const arena::Address& address() const override { return database_.address(); }
  const arena::Address& loopback() const override { return through_; }
  const arena::Address& maintenance() const override { return database_.maintenance(); }
  std::string keep() override { return {}; }

  /// Advisory locks that sessions of the database hold now.
  std::size_t advisory_locks() const;

 private:
  const arena::Database& database_;
  const arena::Pooler pooler_;
  const arena::Address through_;
};

}  // namespace gauntlet::wire_mutant
