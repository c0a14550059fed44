#include "harness/arena/given.h"

#include "harness/arena/copy_by_dump.h"
#include "harness/arena/create_database.h"
#include "harness/arena/given_server.h"

#include <utility>

#include <fmt/format.h>

namespace gauntlet::arena {
namespace {

class GuestDatabase final : public Database {
 public:
  GuestDatabase(std::shared_ptr<GivenServer> server, std::string name)
      : server_(std::move(server)),
        name_(std::move(name)),
        address_(server_->given().with_database(name_)) {}

  ~GuestDatabase() override {
    if (is_kept_) return;
    try {
      server_->drop(name_);
    } catch (const std::exception&) {
      // Out of reach. Its name tells its owner, so that a later sweep on that server takes it.
    }
  }
  GuestDatabase(const GuestDatabase&) = delete;
  GuestDatabase& operator=(const GuestDatabase&) = delete;

  const Address& address() const override { return address_; }
  const Address& loopback() const override { return address_; }
  const Address& maintenance() const override { return server_->maintenance(); }
  std::string keep() override {
    server_->keep(name_);
    is_kept_ = true;
    return address_.url();
  }
  const std::string& name() const { return name_; }

 private:
  std::shared_ptr<GivenServer> server_;
  std::string name_;
  Address address_;
  bool is_kept_ = false;
};

class GivenArena final : public Arena {
 public:
  GivenArena(const Address& given, ArenaOptions options)
      : server_(std::make_shared<GivenServer>(given)), options_(std::move(options)) {}

  const Address& given() const override { return server_->given(); }
  bool is_ephemeral() const override { return false; }

  std::unique_ptr<Database> fresh(const std::string& /*purpose*/) override {
    auto database = std::make_unique<GuestDatabase>(server_, server_->create_empty());
    run_init_sql(database->address(), options_.init_sql);
    return database;
  }

  Copy copy_of_given(const std::vector<std::string>& tracker_tables) override {
    const bool is_small = size_of_given() <= options_.copy_bytes_max;
    std::string objection = "it is larger than the limit for copies";
    if (is_small) {
      if (auto name = server_->create_from_given(objection)) {
        return finished(
            {.database = std::make_unique<GuestDatabase>(server_, *name),
             .how = "copied by the server, file by file (CREATE DATABASE ... TEMPLATE)"},
            *name);
      }
    }
    auto database = std::make_unique<GuestDatabase>(server_, server_->create_empty());
    const std::string name = database->name();
    copy_by_dump(*server_,
                 {.target = database->address(),
                  .binaries = options_.server.binaries,
                  .tracker_tables = tracker_tables,
                  .part = is_small ? DumpPart::everything : DumpPart::schema_and_tracker});
    return finished(
        {.database = std::move(database),
         .how = fmt::format("{} copied with pg_dump and pg_restore, because {}",
                            is_small ? "schema and data" : "schema and tracker", objection),
         .with_data = is_small},
        name);
  }

 private:
  std::uint64_t size_of_given() {
    const auto rows = server_->ask("SELECT pg_database_size($1::name)", {given().database()});
    return std::stoull(rows.at(0).at(0).value_or("0"));
  }

  Copy finished(Copy copy, const std::string& name) {
    if (const std::string missed = server_->copy_settings_to(name); !missed.empty()) {
      copy.how += fmt::format("; without the database's setting of {}, which this role may not set",
                              missed);
    }
    return copy;
  }

  std::shared_ptr<GivenServer> server_;
  ArenaOptions options_;
};

}  // namespace

std::unique_ptr<Arena> open_given(const Address& given, const ArenaOptions& options) {
  return std::make_unique<GivenArena>(given, options);
}

}  // namespace gauntlet::arena
