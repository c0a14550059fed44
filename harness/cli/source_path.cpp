#include "harness/cli/source_path.h"

#include <cstdlib>
#include <system_error>

namespace gauntlet::cli {

namespace {

namespace fs = std::filesystem;

/// Empty if none of the folders above `file` is a repository.
fs::path repository_of(const fs::path& file) {
  std::error_code error;
  for (fs::path folder = file.parent_path(); !folder.empty(); folder = folder.parent_path()) {
    if (fs::exists(folder / ".git", error)) return folder;
    if (folder == folder.parent_path()) break;
  }
  return {};
}

fs::path workspace() {
  for (const char* name : {"GITHUB_WORKSPACE", "CI_PROJECT_DIR"})
    if (const char* value = std::getenv(name); value != nullptr && *value == '/') return value;
  std::error_code error;
  return fs::current_path(error);
}

}  // namespace

std::string path_in_repository(const fs::path& file) {
  std::error_code error;
  const fs::path absolute = fs::absolute(file, error).lexically_normal();
  fs::path root = repository_of(absolute);
  if (root.empty()) root = workspace();
  const fs::path relative = absolute.lexically_relative(root.lexically_normal());
  const bool is_below = !relative.empty() && *relative.begin() != "..";
  return is_below ? relative.generic_string() : file.generic_string();
}

}  // namespace gauntlet::cli
