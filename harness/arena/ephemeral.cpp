#include "harness/arena/ephemeral.h"

#include "harness/arena/connection.h"
#include "harness/arena/create_database.h"

#include <chrono>
#include <mutex>
#include <utility>

namespace gauntlet::arena {
namespace {

constexpr const char* database_name = "gauntlet";
constexpr std::chrono::hours keep_ttl{2};

class EphemeralDatabase final : public Database {
 public:
  explicit EphemeralDatabase(std::unique_ptr<Server> server)
      : server_(std::move(server)),
        address_(server_->local().with_database(database_name)),
        loopback_(server_->loopback().with_database(database_name)) {}

  const Address& address() const override { return address_; }
  const Address& loopback() const override { return loopback_; }
  const Address& maintenance() const override { return server_->local(); }
  std::string server_log() const override { return server_->log(); }
  std::string keep() override {
    server_->keep(keep_ttl);
    return loopback_.url();
  }

  Server& server() { return *server_; }

 private:
  std::unique_ptr<Server> server_;
  Address address_, loopback_;
};

class EphemeralArena final : public Arena {
 public:
  explicit EphemeralArena(ArenaOptions options) : options_(std::move(options)) {
    options_.server.binaries = find_server_binaries(options_.server.binaries);
  }

  const Address& given() const override {
    const std::scoped_lock lock(mutex_);
    if (!given_) given_ = start();
    return given_->loopback();
  }

  bool is_ephemeral() const override { return true; }

  std::unique_ptr<Database> fresh(const std::string& /*purpose*/) override { return start(); }

  Copy copy_of_given(const std::vector<std::string>& /*tracker_tables*/) override {
    const std::scoped_lock lock(mutex_);
    if (!given_) {
      return {.database = start(), .how = "an empty database, as the given one is"};
    }
    const bool has_unlogged =
        Connection(given_->address())
            .ask_one("SELECT count(*) > 0 FROM pg_class WHERE relpersistence = 'u'") == "t";
    return {.database = std::make_unique<EphemeralDatabase>(given_->server().copy()),
            .how = has_unlogged ? "the whole server copied, file by file; unlogged tables are empty"
                                : "the whole server copied, file by file"};
  }

 private:
  std::unique_ptr<EphemeralDatabase> start() const {
    auto server = Server::start(options_.server);
    {
      Connection connection(server->local());
      create_database(connection, {.name = database_name});
    }
    auto database = std::make_unique<EphemeralDatabase>(std::move(server));
    run_init_sql(database->address(), options_.init_sql);
    return database;
  }

  ArenaOptions options_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<EphemeralDatabase> given_;
};

}  // namespace

std::unique_ptr<Arena> open_ephemeral(const ArenaOptions& options) {
  return std::make_unique<EphemeralArena>(options);
}

}  // namespace gauntlet::arena
