#include "harness/arena/binaries.h"

#include "harness/arena/server.h"
#include "runner/values/error.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <unistd.h>

namespace gauntlet::arena {
namespace {

namespace fs = std::filesystem;

double version_of(const fs::path& folder) {
  const std::string name = folder.filename();
  double version = 0;
  std::from_chars(name.data(), name.data() + name.size(), version);
  return version;
}

std::vector<fs::path> version_folders(const fs::path& root) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    if (version_of(entry->path()) > 0) folders.push_back(entry->path());
  }
  std::sort(folders.begin(), folders.end(),
            [](const fs::path& a, const fs::path& b) { return version_of(a) > version_of(b); });
  for (fs::path& folder : folders) folder /= "bin";
  return folders;
}

std::vector<fs::path> path_folders(const std::string& path) {
  std::vector<fs::path> folders;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    if (end > at) folders.emplace_back(path.substr(at, end - at));
    at = end + 1;
  }
  return folders;
}

bool holds(const fs::path& folder, const std::vector<std::string>& programs) {
  return std::all_of(programs.begin(), programs.end(), [&](const std::string& program) {
    return ::access((folder / program).c_str(), X_OK) == 0;
  });
}

/// A program on PATH may be a link: its neighbours lie beside what it points to.
fs::path real_folder(const fs::path& folder, const std::string& program) {
  std::error_code error;
  const fs::path real = fs::canonical(folder / program, error);
  return error ? folder : real.parent_path();
}

/// Only version folders say which version they hold.
std::optional<fs::path> find_in_version_folder(const fs::path& root, int major) {
  for (const fs::path& folder : version_folders(root)) {
    const bool is_it = static_cast<int>(version_of(folder.parent_path())) == major;
    if (is_it && holds(folder, {"postgres", "initdb"})) return folder;
  }
  return std::nullopt;
}

}  // namespace

fs::path peers_folder() {
  if (const char* given = std::getenv("GAUNTLET_PEERS")) return given;
  if (::geteuid() == 0) return "/var/cache/gauntlet/peers";
  if (const char* cache = std::getenv("XDG_CACHE_HOME")) return fs::path(cache) / "gauntlet/peers";
  const char* home = std::getenv("HOME");
  return home == nullptr ? fs::path() : fs::path(home) / ".cache/gauntlet/peers";
}

std::optional<fs::path> find_server_of_major(int major) {
  if (auto found = find_in_version_folder("/usr/lib/postgresql", major)) return found;
  return find_in_version_folder(peers_folder(), major);
}

BinarySearch search_here(const fs::path& given) {
  const char* path = std::getenv("PATH");
  return {.given = given, .versions = {"/usr/lib/postgresql"}, .path = path ? path : ""};
}

std::vector<fs::path> folders_with(const std::vector<std::string>& programs,
                                   const BinarySearch& search) {
  std::vector<fs::path> candidates;
  if (!search.given.empty()) {
    candidates = {fs::absolute(search.given), fs::absolute(search.given) / "bin"};
  } else {
    for (const fs::path& root : search.versions) {
      for (fs::path& folder : version_folders(root)) candidates.push_back(std::move(folder));
    }
    for (fs::path& folder : path_folders(search.path)) {
      if (!holds(folder, programs)) continue;
      const fs::path real = real_folder(folder, programs.front());
      candidates.push_back(holds(real, programs) ? real : folder);
    }
  }
  std::erase_if(candidates, [&](const fs::path& folder) { return !holds(folder, programs); });
  return candidates;
}

fs::path find_server_binaries_in(const BinarySearch& search) {
  const auto found = folders_with({"postgres", "initdb"}, search);
  if (!found.empty()) return found.front();
  if (!search.given.empty()) {
    throw runner::Error("no-server-binaries", "the folder given holds no PostgreSQL server",
                        search.given.string() + " has no `postgres` with `initdb` beside it",
                        "name the folder that has them, such as /usr/lib/postgresql/15/bin");
  }
  throw runner::Error("no-server-binaries", "no PostgreSQL server is installed on this machine",
                      "neither /usr/lib/postgresql nor PATH has `postgres` with `initdb`",
                      "install one: `make setup`, or `apt-get install postgresql-15`; or name its "
                      "folder with --postgres DIR");
}

fs::path find_server_binaries(const fs::path& given) {
  return find_server_binaries_in(search_here(given));
}

}  // namespace gauntlet::arena
