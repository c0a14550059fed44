#include "harness/arena/given.h"

#include "harness/arena/copy_by_dump.h"
#include "harness/arena/create_database.h"
#include "harness/arena/given_server.h"

#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::arena {
namespace {

/// The copy that all others are made from, the one that is judged, and the one beside it.
constexpr std::uint64_t copies_at_once = 3;

class GuestDatabase final : public Database {
 public:
  GuestDatabase(std::shared_ptr<GivenServer> server, std::string name, const Server* own)
      : server_(std::move(server)),
        own_(own),
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
  std::string server_log() const override { return own_ == nullptr ? std::string() : own_->log(); }
  std::string keep() override {
    server_->keep(name_);
    is_kept_ = true;
    return address_.url();
  }
  const std::string& name() const { return name_; }

 private:
  std::shared_ptr<GivenServer> server_;
  const Server* own_;
  std::string name_;
  Address address_;
  bool is_kept_ = false;
};

class GivenArena final : public Arena {
 public:
  GivenArena(const Address& given, ArenaOptions options, const Server* own)
      : server_(std::make_shared<GivenServer>(given)), own_(own), options_(std::move(options)) {}

  const Address& given() const override { return server_->given(); }
  bool is_ephemeral() const override { return false; }
  bool has_own_servers() const override { return own_ != nullptr; }

  /// With the given database's settings: its search_path and its timeouts hold there, too.
  std::unique_ptr<Database> fresh(const std::string& /*purpose*/) override {
    auto database = guest(server_->create_empty());
    static_cast<void>(server_->copy_settings_to(database->name()));
    run_init_sql(database->address(), options_.init_sql);
    return database;
  }

  Copy copy_of_given(const std::vector<std::string>& tracker_tables) override {
    const std::scoped_lock lock(mutex_);
    if (!copied_) copied_ = copy_once(tracker_tables);
    auto database = guest(server_->create_from(copied_->name));
    Copy copy{.database = nullptr, .how = copied_->how, .is_sampled = copied_->is_sampled};
    if (const std::string missed = server_->copy_settings_to(database->name()); !missed.empty()) {
      copy.how += fmt::format("; without the database's setting of {}, which this role may not set",
                              missed);
    }
    copy.database = std::move(database);
    return copy;
  }

 private:
  /// The one copy that the given database is read for; all others are file copies of it.
  struct Copied {
    std::unique_ptr<GuestDatabase> database;
    std::string name, how;
    bool is_sampled = false;
  };

  std::unique_ptr<GuestDatabase> guest(std::string name) const {
    return std::make_unique<GuestDatabase>(server_, std::move(name), own_);
  }

  Copied copy_once(const std::vector<std::string>& tracker_tables) {
    const std::uint64_t bytes = size_of_given();
    const bool is_sampled = bytes > options_.copy_bytes_max;
    std::string objection = fmt::format("it holds {} MB, where --copy-limit is {} MB",
                                        bytes / 1'000'000, options_.copy_bytes_max / 1'000'000);
    if (!is_sampled) {
      server_->refuse_unless_room_for(copies_at_once * bytes);
      if (auto name = server_->create_from_given(objection)) {
        return {.database = guest(*name),
                .name = *name,
                .how = "copied by the server, file by file (CREATE DATABASE ... TEMPLATE)"};
      }
    }
    auto database = guest(server_->create_empty());
    const DumpJob job{.target = database->address(),
                      .binaries = options_.server.binaries,
                      .tracker_tables = tracker_tables,
                      .sample_rows_max = options_.sample_rows_max};
    is_sampled ? copy_sample(*server_, job) : copy_by_dump(*server_, job);
    const std::string name = database->name();
    return {.database = std::move(database),
            .name = name,
            .how = is_sampled
                       ? fmt::format("rows: sampled, at most {} a table and those that they refer "
                                     "to, because {}",
                                     options_.sample_rows_max, objection)
                       : fmt::format("schema and data copied with pg_dump and pg_restore, because "
                                     "{}",
                                     objection),
            .is_sampled = is_sampled};
  }

  std::uint64_t size_of_given() {
    const auto rows = server_->ask("SELECT pg_database_size($1::name)", {given().database()});
    return std::stoull(rows.at(0).at(0).value_or("0"));
  }

  std::shared_ptr<GivenServer> server_;
  const Server* own_;
  ArenaOptions options_;
  std::mutex mutex_;
  std::optional<Copied> copied_;
};

}  // namespace

std::unique_ptr<Arena> open_given(const Address& given, const ArenaOptions& options,
                                  const Server* own) {
  return std::make_unique<GivenArena>(given, options, own);
}

}  // namespace gauntlet::arena
