// A throwaway server for tests of this room, with the few words that they need.
#pragma once

#include "harness/arena/connection.h"
#include "harness/arena/server.h"

#include <memory>
#include <string>

namespace gauntlet::observe {

class TestDatabase {
 public:
  TestDatabase() : server_(arena::Server::start({})) {}

  const arena::Address& address() const { return server_->local(); }
  void run(const std::string& sql) const { arena::Connection(address()).run(sql); }

  /// Another database of this server, with `sql` run in it.
  arena::Address with_database(const std::string& name, const std::string& sql) const {
    run("create database " + name);
    arena::Address other = address().with_database(name);
    arena::Connection(other).run(sql);
    return other;
  }

 private:
  std::unique_ptr<arena::Server> server_;
};

}  // namespace gauntlet::observe
