#include "harness/arena/file_arena.h"

#include "harness/arena/folders.h"
#include "runner/values/error.h"

#include <filesystem>
#include <system_error>

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

class FileArena final : public Arena {
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

}  // namespace

std::unique_ptr<Arena> open_files() { return std::make_unique<FileArena>(); }

}  // namespace gauntlet::arena
