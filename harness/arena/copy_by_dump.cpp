#include "harness/arena/copy_by_dump.h"

#include "harness/arena/account.h"
#include "harness/arena/binaries.h"
#include "harness/arena/folders.h"
#include "harness/arena/sample.h"
#include "harness/process/process.h"
#include "runner/values/error.h"

#include <charconv>
#include <chrono>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

namespace gauntlet::arena {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr minutes dump_patience{10};
constexpr seconds version_patience{10};

[[noreturn]] void throw_cannot_copy(const std::string& reason, const std::string& where,
                                    const std::string& fix) {
  throw runner::Error("cannot-copy", "the given database cannot be copied: " + reason, where, fix);
}

/// The 17 of `pg_dump (PostgreSQL) 17.2 (Debian …)`; 0 if it does not say.
int major_of(const fs::path& program) {
  const std::string said = process::run({.argv = {program, "--version"}}, version_patience).out;
  const std::size_t at = said.find(") ");
  int major = 0;
  if (at != std::string::npos) {
    std::from_chars(said.data() + at + 2, said.data() + said.size(), major);
  }
  return major;
}

/// Programs of the server's own major version, else of the next newer one: an older pg_dump
/// refuses.
fs::path find_dump_programs(const fs::path& given, int server_major) {
  const std::vector<std::string> programs = {"pg_dump", "pg_restore"};
  std::vector<fs::path> folders;
  if (!given.empty()) folders = folders_with(programs, search_here(given));
  for (fs::path& folder : folders_with(programs, search_here({})))
    folders.push_back(std::move(folder));
  fs::path best;
  int best_major = 0;
  for (const fs::path& folder : folders) {
    const int major = major_of(folder / "pg_dump");
    if (major < server_major || (best_major != 0 && major >= best_major)) continue;
    best = folder;
    best_major = major;
  }
  if (best_major != 0) return best;
  throw_cannot_copy(
      fmt::format("no pg_dump of version {} or newer is here", server_major),
      "looked in /usr/lib/postgresql, PATH and --postgres",
      fmt::format("`apt-get install postgresql-client-{}`, or --database ephemeral", server_major));
}

/// A folder of ours for the dump, gone with the object, and swept like any other if we are killed.
class DumpFolder {
 public:
  DumpFolder() : path_(base_folder(server_account()) / owned_name()) {
    if (::mkdir(path_.c_str(), 0700) != 0) {
      throw_cannot_copy("there is no folder for the dump", path_.string(),
                        "make room there, or name another folder with GAUNTLET_FOLDER");
    }
  }
  ~DumpFolder() { remove_folder(path_); }
  DumpFolder(const DumpFolder&) = delete;
  DumpFolder& operator=(const DumpFolder&) = delete;
  fs::path file() const { return path_ / "dump"; }

 private:
  fs::path path_;
};

/// What libpq is told by the environment: a password in argv would be seen by everybody.
process::Command command_for(const Address& address, std::vector<std::string> argv) {
  argv.push_back("--dbname=" + address.without("password").conninfo());
  std::map<std::string, std::string> environment;
  if (!address.password().empty()) environment["PGPASSWORD"] = address.password();
  return {.argv = std::move(argv), .environment = std::move(environment)};
}

std::string first_error_of(const std::string& err) {
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("error:") != std::string::npos) return line;
  }
  return err.substr(0, err.find('\n'));
}

void dump(const fs::path& programs, const Address& from, const fs::path& file,
          const std::vector<std::string>& selection) {
  std::vector<std::string> argv = {programs / "pg_dump", "--format=custom", "--compress=0",
                                   "--lock-wait-timeout=1s", "--file=" + file.string()};
  argv.insert(argv.end(), selection.begin(), selection.end());
  const auto finished = process::run(command_for(from, std::move(argv)), dump_patience);
  if (finished.timed_out)
    throw_cannot_copy("pg_dump takes too long", from.masked(), "use a smaller one");
  if (finished.exit.ok()) return;
  throw_cannot_copy(first_error_of(finished.err), from.masked(),
                    "give a role that may read every table, or use --database ephemeral");
}

/// A newer pg_restore sets parameters that the server does not know: that alone is no failure.
bool is_harmless(const std::string& err) {
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("error:") == std::string::npos) continue;
    if (line.find("unrecognized configuration parameter") == std::string::npos) return false;
  }
  return true;
}

void restore(const fs::path& programs, const Address& to, const fs::path& file,
             const std::vector<std::string>& options) {
  std::vector<std::string> argv = {programs / "pg_restore"};
  argv.insert(argv.end(), options.begin(), options.end());
  process::Command command = command_for(to, std::move(argv));
  command.argv.push_back(file);
  const auto finished = process::run(command, dump_patience);
  if (finished.timed_out)
    throw_cannot_copy("pg_restore takes too long", to.masked(), "use a smaller one");
  if (finished.exit.ok() || (finished.exit.code == 1 && is_harmless(finished.err))) return;
  throw_cannot_copy(first_error_of(finished.err), to.masked(),
                    "give a superuser of that scratch server, or use --database ephemeral");
}

/// What one copy is made with.
struct Means {
  fs::path programs;
  std::vector<std::string> rights;  ///< of pg_restore: only a superuser can give objects to others
};

Means means_for(GivenServer& server, const DumpJob& job) {
  Means means{.programs = find_dump_programs(job.binaries, server.version() / 10'000),
              .rights = {}};
  const bool is_superuser =
      server.ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").at(0).at(0) == "t";
  if (!is_superuser) means.rights = {"--no-owner", "--no-privileges"};
  return means;
}

void dump_and_restore(const Means& means, const Address& from, const Address& to,
                      const std::vector<std::string>& selection) {
  const DumpFolder folder;
  dump(means.programs, from, folder.file(), selection);
  restore(means.programs, to, folder.file(), means.rights);
}

}  // namespace

void copy_by_dump(GivenServer& server, const DumpJob& job) {
  dump_and_restore(means_for(server, job), server.given(), job.target, {});
}

void copy_sample(GivenServer& server, const DumpJob& job) {
  const Means means = means_for(server, job);
  Connection source(server.given());
  source.run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL lock_timeout = '1s'");
  const std::string snapshot = source.ask_one("SELECT pg_export_snapshot()");
  const std::string moment = "--snapshot=" + snapshot;
  const auto part = [&](const char* section) {
    dump_and_restore(means, server.given(), job.target,
                     {"--schema-only", "--section=" + std::string(section), moment});
  };
  part("pre-data");
  try {
    CopyLink rows_out(server.given());
    rows_out.run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL lock_timeout = '1s'");
    rows_out.run(fmt::format("SET TRANSACTION SNAPSHOT {}", source.literal(snapshot)));
    Connection target(job.target);
    CopyLink rows_in(job.target);
    sample_rows({source, rows_out}, {target, rows_in},
                {.rows_max = job.sample_rows_max, .whole_tables = job.tracker_tables});
  } catch (const StatementError& error) {
    throw_cannot_copy(fmt::format("{} ({})", error.message(), error.sqlstate()),
                      server.given().masked(),
                      "give a role that may read every table, or use --database ephemeral");
  }
  part("post-data");
}

}  // namespace gauntlet::arena
