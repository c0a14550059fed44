#include "harness/arena/template_cache.h"

#include "harness/arena/folders.h"
#include "harness/core/files.h"
#include "harness/core/fnv1a.h"
#include "runner/values/error.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gauntlet::arena {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr seconds initdb_patience{120};
constexpr const char* manifest_name = "manifest";

/// Changes whenever what we make of a template changes.
constexpr int template_revision = 3;

/// A file as it stands now: another minor version is another file at the same path.
std::string stamp_of(const fs::path& file) {
  struct stat status {};
  ::stat(file.c_str(), &status);
  return fmt::format("{} {} {} {}.{}", file.string(), status.st_ino, status.st_size,
                     status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

fs::path folder_of(const TemplateOptions& options) {
  const std::string key = fmt::format(
      "{}\n{}\n{}\n{}\n{}\n{}", template_revision, stamp_of(options.binaries / "postgres"),
      stamp_of(options.binaries / "initdb"), options.locale,
      options.account ? options.account->uid : ::geteuid(), template_settings());
  return options.base / fmt::format("template_{:016x}", core::fnv1a(key));
}

std::string manifest_of(const FolderSize& size) {
  return fmt::format("{} files, {} bytes\n", size.files, size.bytes);
}

FolderSize size_of(const fs::path& folder) {
  FolderSize size;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_directory()) continue;
    ++size.files;
    size.bytes += entry.file_size();
  }
  return size;
}

bool is_whole(const fs::path& folder) {
  const std::string manifest = core::read_file_if_any(folder / manifest_name);
  return !manifest.empty() && manifest == manifest_of(size_of(folder / "data"));
}

[[noreturn]] void throw_cannot_copy(const fs::path& data, const fs::filesystem_error& error) {
  if (error.code() == std::errc::no_space_on_device) {
    throw runner::Error("cannot-write", "there is no room for a throwaway server",
                        data.string() + ": " + error.code().message(),
                        "make room there, or name another folder with GAUNTLET_FOLDER");
  }
  throw runner::Error("template-broken", "a data folder made before cannot be copied", error.what(),
                      "look for a program that removes files there");
}

/// The databases: two thirds of the bytes and most of the files. A server that starts in order
/// opens none of them before the first client does.
bool is_of_a_database(const fs::path& file) { return *file.begin() == "base"; }

std::future<void> begin_copy(const fs::path& from, const fs::path& data,
                             const std::optional<process::Account>& account, FileLock lock) {
  try {
    std::vector<fs::path> files = copy_only_folders(from, data, account);
    const auto databases =
        std::partition(files.begin(), files.end(), std::not_fn(is_of_a_database));
    copy_files(from, data, std::span(files.begin(), databases), account);
    files.erase(files.begin(), databases);
    return std::async(std::launch::async, [=, held = std::move(lock)] {
      try {
        copy_files(from, data, files, account);
      } catch (const fs::filesystem_error& error) {
        throw_cannot_copy(data, error);
      }
    });
  } catch (const fs::filesystem_error& error) {
    throw_cannot_copy(data, error);
  }
}

[[noreturn]] void throw_initdb_failed(const TemplateOptions& options,
                                      const process::Finished& finished) {
  const std::string& said = finished.err;
  if (said.find("invalid locale name") != std::string::npos) {
    throw runner::Error("no-such-locale", "this machine does not have the locale asked for",
                        fmt::format("`{}` is not in the list of `locale -a`", options.locale),
                        "install it (Debian: package locales, then `dpkg-reconfigure locales`), or "
                        "name another one with --locale, such as C.UTF-8");
  }
  if (said.find("encoding mismatch") != std::string::npos) {
    throw runner::Error("no-such-locale", "the locale asked for is not one of UTF-8",
                        fmt::format("`{}` has another encoding", options.locale),
                        "name its UTF-8 form with --locale, such as de_DE.UTF-8");
  }
  throw runner::Error(
      "initdb-failed", "initdb could not make a data folder",
      fmt::format("{}: {}\n{}", (options.binaries / "initdb").string(),
                  finished.timed_out ? "not ready after 120 s" : finished.exit.text(), said),
      "run it by hand to see more");
}

void run_initdb(const TemplateOptions& options, const fs::path& data) {
  const process::Finished finished = process::run(
      {.argv = {options.binaries / "initdb", "-D", data, "-E", "UTF8", "--locale=" + options.locale,
                "--lc-messages=C", "--no-sync", "--wal-segsize=1", "-U", "postgres",
                "--auth-local=trust", "--auth-host=scram-sha-256"},
       // The time zone too: initdb writes the caller's into the server's settings.
       .environment = {{"LC_ALL", "C"}, {"LANG", "C"}, {"LANGUAGE", ""}, {"TZ", "UTC"}},
       .directory = "/",
       .run_as = options.account},
      initdb_patience);
  if (!finished.exit.ok()) throw_initdb_failed(options, finished);
}

/// Free space and visibility maps: a quarter of the files, which the server makes again where it
/// wants them. Every start copies what is left.
void remove_maps(const fs::path& data) {
  std::vector<fs::path> maps;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(data)) {
    const std::string name = entry.path().filename();
    if (name.ends_with("_fsm") || name.ends_with("_vm")) maps.push_back(entry.path());
  }
  for (const fs::path& map : maps) fs::remove(map);
}

/// Makes it beside its place and renames it there, so that nobody ever sees a half of it.
void make_template(const TemplateOptions& options, const fs::path& folder) {
  const fs::path staging = options.base / owned_name();
  if (::mkdir(staging.c_str(), 0700) != 0) {
    throw runner::Error("cannot-write", "a folder cannot be made",
                        fmt::format("{}: {}", staging.string(),
                                    std::error_code(errno, std::system_category()).message()),
                        "make room there, or name another folder with GAUNTLET_FOLDER");
  }
  try {
    give_to(staging, options.account);
    run_initdb(options, staging / "data");
    remove_maps(staging / "data");
    std::ofstream(staging / "data/postgresql.conf", std::ios::app) << template_settings();
    std::ofstream(staging / "data/pg_hba.conf", std::ios::trunc)
        << "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    write_file(staging / manifest_name, manifest_of(size_of(staging / "data")));
    const fs::path broken = options.base / owned_name();
    std::error_code none_there;
    fs::rename(folder, broken, none_there);
    remove_folder(broken);
    fs::rename(staging, folder);
  } catch (...) {
    remove_folder(staging);
    throw;
  }
}

}  // namespace

std::future<void> copy_template(const TemplateOptions& options, const fs::path& data) {
  const fs::path folder = folder_of(options);
  FileLock lock(folder.string() + ".lock", FileLock::Kind::shared, initdb_patience + seconds(30));
  const bool is_trusted = options.trust == TemplateOptions::Trust::if_whole;
  if (!is_trusted || !is_whole(folder)) {
    lock.change_to(FileLock::Kind::exclusive);
    // Another one may have made it while we waited.
    if (!is_trusted || !is_whole(folder)) make_template(options, folder);
  }
  return begin_copy(folder / "data", data, options.account, std::move(lock));
}

std::string template_settings() {
  return
      // Fast, and alone: nothing here needs to survive a crash, and no worker acts on its own.
      "fsync = off\n"
      "synchronous_commit = off\n"
      "full_page_writes = off\n"
      "wal_level = minimal\n"
      "max_wal_senders = 0\n"
      "shared_buffers = 32MB\n"
      "autovacuum = off\n"
      "jit = off\n"
      "huge_pages = off\n"
      "max_worker_processes = 0\n"
      "max_parallel_workers = 0\n"
      "max_logical_replication_workers = 0\n"
      "checkpoint_timeout = 1h\n"
      "max_wal_size = 1GB\n"
      // Room for sixteen replicas with pools, and for hundreds of migrations in one transaction.
      // More of it costs a start more than anything else: each slot is written to.
      "max_connections = 300\n"
      "max_locks_per_transaction = 128\n"
      // In the data folder: so nothing stays in /dev/shm when the server is killed.
      "dynamic_shared_memory_type = mmap\n"
      "logging_collector = off\n"
      "log_destination = 'stderr'\n"
      "listen_addresses = '127.0.0.1'\n"
      "unix_socket_permissions = 0700\n";
}

}  // namespace gauntlet::arena
