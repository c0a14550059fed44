#include "harness/run/folder.h"

#include <charconv>
#include <map>
#include <string>

namespace gauntlet::run {

std::vector<Folder> folders_of(const scenario::Scenario& scenario) {
  std::map<std::string, std::string> bytes;
  std::vector<Folder> folders;
  for (const scenario::Stage& stage : scenario.stages) {
    for (const scenario::File& file : stage.files) bytes[file.name] = file.sql;
    for (const std::string_view file : stage.removed) bytes.erase(std::string(file));
    Folder& folder = folders.emplace_back();
    folder.files.reserve(bytes.size());
    for (const auto& [name, sql] : bytes)
      folder.files.push_back({.file = name, .bytes = sql, .checksum = {}});
    folder.listing = runner::list_scripts(folder.files);
  }
  return folders;
}

std::vector<oracle::MigrationFile> migration_files(const runner::Listing& listing) {
  std::vector<oracle::MigrationFile> files;
  files.reserve(listing.migrations.size());
  for (const runner::Migration& migration : listing.migrations)
    files.push_back({.version = migration.version.number,
                     .name = migration.up.file.filename().string(),
                     .sql = std::string(migration.up.sql())});
  return files;
}

std::vector<oracle::MigrationFile> numbered_files(const Folder& folder) {
  std::vector<oracle::MigrationFile> files;
  for (const runner::Script& script : folder.files) {
    const std::string name = script.file.filename().string();
    std::int64_t version = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
    if (error == std::errc() && name.ends_with(".up.sql"))
      files.push_back({.version = version, .name = name, .sql = script.bytes});
  }
  return files;
}

std::vector<runner::Script> files_of(const runner::Listing& listing) {
  std::vector<runner::Script> files;
  for (const runner::Migration& migration : listing.migrations) {
    files.push_back(migration.up);
    if (migration.down) files.push_back(*migration.down);
  }
  return files;
}

core::Where where_of(const Folder& folder, const std::string& text) {
  const runner::Script* first = nullptr;
  std::size_t at = std::string::npos;
  for (const runner::Script& file : folder.files) {
    const std::size_t found = text.find(file.file.filename().string());
    if (found >= at) continue;
    at = found;
    first = &file;
  }
  return {.file = first == nullptr ? std::string() : first->file.filename().string()};
}

}  // namespace gauntlet::run
