#include "harness/arena/file_arena.h"

#include "harness/arena/folders.h"
#include "runner/sqlite.h"
#include "runner/values/error.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::arena {

namespace {

namespace fs = std::filesystem;

/// Among the servers' folders, under an owner's name: what a killed owner leaves is swept with
/// them.
fs::path make_database_folder() {
  fs::path folder = base_folder(std::nullopt) / owned_name();
  note_folder(folder);
  std::error_code error;
  if (fs::create_directory(folder, error)) return folder;
  forget_folder(folder);
  throw runner::Error("no-folder", "a folder for a database file cannot be made",
                      fmt::format("{}: {}", folder.string(), error.message()),
                      "free some room there, or name another folder in GAUNTLET_FOLDER");
}

class FileDatabase final : public Database {
 public:
  FileDatabase()
      : folder_(make_database_folder()), address_(Address::of_file(folder_ / "app.db")) {}
  ~FileDatabase() override {
    remove_folder(folder_);
    forget_folder(folder_);
  }
  FileDatabase(const FileDatabase&) = delete;
  FileDatabase& operator=(const FileDatabase&) = delete;

  const Address& address() const override { return address_; }
  const Address& loopback() const override { return address_; }
  const Address& maintenance() const override { return address_; }
  // Under a name without an owner, which no sweep looks at.
  std::string keep() override {
    const fs::path kept = fs::temp_directory_path() / ("gauntlet-kept-" + owned_name());
    fs::copy(folder_, kept, fs::copy_options::recursive);
    return "sqlite:" + (kept / "app.db").string();
  }

 private:
  fs::path folder_;
  Address address_;
};

class FileArena : public Arena {
 public:
  const Address& given() const override { return none_; }
  bool is_ephemeral() const override { return true; }
  std::unique_ptr<Database> fresh(const std::string& /*purpose*/) override {
    return std::make_unique<FileDatabase>();
  }
  Copy copy_of_given(const std::vector<std::string>& /*tracker_tables*/) override {
    throw runner::Error("cannot-copy", "no SQLite database was given");
  }

 private:
  const Address none_ = Address::of_file({});
};

/// Files that are there, with what --init-sql makes of an empty one.
class MadeFiles : public FileArena {
 public:
  explicit MadeFiles(std::string init_sql) : init_sql_(std::move(init_sql)) {}

  std::unique_ptr<Database> fresh(const std::string& purpose) override {
    auto database = FileArena::fresh(purpose);
    const auto session = runner::connect_sqlite(database->address().conninfo());
    // A statement that reads makes the file; an empty one is an empty database.
    session->send(init_sql_.empty() ? "PRAGMA user_version" : init_sql_);
    return database;
  }

 private:
  const std::string init_sql_;
};

class EmptyFiles final : public MadeFiles {
 public:
  explicit EmptyFiles(const std::string& init_sql)
      : MadeFiles(init_sql), given_(MadeFiles::fresh("given")) {}
  const Address& given() const override { return given_->address(); }

 private:
  std::unique_ptr<Database> given_;
};

/// The header's bytes 18 and 19 are 2 where the file has a write-ahead log (SQLite manual,
/// "Database File Format").
bool has_write_ahead_log(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  char header[20] = {};
  return stream.read(header, sizeof header) && header[18] == 2;
}

void set_write_ahead_log(const Address& address) {
  runner::connect_sqlite(address.conninfo())->send("PRAGMA journal_mode = wal");
}

class GivenFile final : public MadeFiles {
 public:
  GivenFile(const fs::path& file, const std::string& init_sql)
      : MadeFiles(init_sql), has_log_(has_write_ahead_log(file)) {
    const std::string copy = given_.address().file().string();
    // Through the engine: a transaction that is under way, or one that only the log holds, would
    // be torn by a copy of the bytes.
    runner::read_sqlite("sqlite:" + file.string(), [&](runner::Session& session) {
      fs::remove(copy);
      session.query("VACUUM INTO $1", {copy});
    });
  }

  const Address& given() const override { return given_.address(); }
  bool is_ephemeral() const override { return false; }
  Copy copy_of_given(const std::vector<std::string>& /*tracker_tables*/) override {
    auto database = std::make_unique<FileDatabase>();
    std::error_code error;
    fs::copy_file(given_.address().file(), database->address().file(), error);
    if (error) {
      throw runner::Error(
          "cannot-copy", "the database file cannot be copied",
          fmt::format("{}: {}", database->address().file().string(), error.message()),
          "free some room there, or name another folder in GAUNTLET_FOLDER");
    }
    if (has_log_) set_write_ahead_log(database->address());
    return {.database = std::move(database), .how = "the whole file"};
  }

 private:
  FileDatabase given_;
  const bool has_log_;
};

}  // namespace

std::unique_ptr<Arena> open_files() { return std::make_unique<FileArena>(); }

std::unique_ptr<Arena> open_empty_files(const std::string& init_sql) {
  return std::make_unique<EmptyFiles>(init_sql);
}

std::unique_ptr<Arena> open_given_file(const fs::path& file, const std::string& init_sql) {
  return std::make_unique<GivenFile>(file, init_sql);
}

}  // namespace gauntlet::arena
