// Diesel: a folder a step, `2024-01-01-000000_name`, with up.sql, down.sql and, where it wants no
// transaction, metadata.toml. The version is the folder's number without dashes, a text to Diesel.
#include "harness/formats/folders.h"
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

#include <algorithm>
#include <set>

namespace gauntlet::formats {
namespace {

/// The version as Diesel writes it, and sorts it: as a text.
std::string version_of(const std::string& folder) {
  std::string digits = folder.substr(0, folder.find('_'));
  std::erase(digits, '-');
  return digits;
}

std::optional<Numbered> numbered_folder(const std::string& folder) {
  return numbered(version_of(folder) + folder.substr(std::min(folder.find('_'), folder.size())));
}

/// The folders whose steps want no transaction.
std::set<std::string> folders_without_transaction(const std::vector<File>& files) {
  std::set<std::string> folders;
  for (const File& file : files) {
    const auto folder = folder_of(file, "metadata.toml");
    if (!folder) continue;
    std::string text = file.bytes;
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t'; });
    if (text.find("run_in_transaction=false") != std::string::npos) folders.insert(*folder);
  }
  return folders;
}

Reading read_diesel(const Format& format, const std::vector<File>& files) {
  Steps steps(format);
  const std::set<std::string> without = folders_without_transaction(files);
  for (const File& file : files) {
    const auto up = folder_of(file, "up.sql"), down = folder_of(file, "down.sql");
    if (!up && !down) continue;
    const std::string folder = up ? *up : *down;
    const auto number = numbered_folder(folder);
    if (!number) {
      steps.unrecognized(file);
      continue;
    }
    Part part{.file = &file,
              .version = number->version,
              .name = number->name,
              .sql = without.contains(folder) ? marked_no_transaction(file.bytes) : file.bytes,
              .order = version_of(folder)};
    up ? steps.up(std::move(part)) : steps.down(std::move(part));
  }
  return steps.reading();
}

ProjectFiles write_diesel(const std::vector<runner::Migration>& migrations) {
  ProjectFiles files;
  for (const runner::Migration& migration : migrations) {
    const std::string folder = stem_of(migration);
    files[folder + "/up.sql"] = migration.up.bytes;
    files[folder + "/down.sql"] = migration.down ? migration.down->bytes : "-- nothing\n";
    if (wants_no_transaction(migration.up.sql()))
      files[folder + "/metadata.toml"] = "run_in_transaction = false\n";
  }
  return files;
}

}  // namespace

std::optional<std::string> folder_of(const File& file, std::string_view name) {
  const std::filesystem::path path(file.name);
  if (path.filename() != name || !path.has_parent_path()) return std::nullopt;
  return path.parent_path().filename().string();
}

Format diesel() {
  return {.name = "diesel",
          .files = "NNN_name/up.sql and NNN_name/down.sql",
          .marker = true,
          .marker_fix = "write `run_in_transaction = false` into the step's metadata.toml",
          .marked = Delivery::as_one_message,
          .tracker = "Diesel",
          .signs = "an up.sql in a folder of each step",
          .is_its = [](const File& file) { return folder_of(file, "up.sql").has_value(); },
          .read = read_diesel,
          .write = write_diesel};
}

}  // namespace gauntlet::formats
