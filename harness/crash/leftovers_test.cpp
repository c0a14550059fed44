// However many harms are done, nothing stays behind: no backend, file descriptor, process or file.
// GAUNTLET_FAULTS=N does N of them, one kind after the other (default 13).
#include "harness/arena/connection.h"
#include "harness/core/files.h"
#include "harness/crash/harmed_psql_test.h"

#include <cstdlib>
#include <iterator>
#include <ostream>
#include <system_error>

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

namespace gauntlet::crash {
namespace {

namespace fs = std::filesystem;

struct Leftovers {
  std::size_t descriptors = 0, processes = 0, files = 0, backends = 0, databases = 0;

  friend bool operator==(const Leftovers&, const Leftovers&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Leftovers& left) {
    return out << left.descriptors << " descriptors (sockets among them), " << left.processes
               << " processes, " << left.files << " files, " << left.backends << " backends, "
               << left.databases << " databases";
  }
};

std::size_t count_entries(const fs::path& folder) {
  std::error_code ignored;
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder, ignored), fs::directory_iterator()));
}

/// Processes that were started with this folder for temporary files: ours, and theirs. A backend of
/// the server is none: the server's account may write over its environment.
std::size_t count_processes(const std::string& folder) {
  std::size_t count = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string pid = entry.path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (pid == std::to_string(getpid())) continue;
    const std::string environment = core::read_file_if_any(entry.path() / "environ");
    if (environment.find("TMPDIR=" + folder) != std::string::npos) ++count;
  }
  return count;
}

Leftovers look(const arena::Server& server, const std::string& folder) {
  arena::Connection connection(server.local());
  const auto number = [&](const char* query) { return std::stoul(connection.ask_one(query)); };
  Leftovers left{.processes = count_processes(folder),
                 .files = count_entries(folder) + count_entries(folder + "/g")};
  left.backends = number(
      "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend'");
  left.databases = number("SELECT count(*) FROM pg_catalog.pg_database");
  left.descriptors = count_entries("/proc/self/fd");
  return left;
}

std::size_t faults_wanted() {
  const char* wanted = std::getenv("GAUNTLET_FAULTS");
  return wanted == nullptr ? fault::harms().size() : std::stoul(wanted);
}

TEST(HarmLeftovers, NoFaultLeavesABackendADescriptorAProcessOrAFile) {
  const runner::TestFolder folder;
  fs::permissions(folder.path(), fs::perms::others_exec | fs::perms::others_read,
                  fs::perm_options::add);
  const std::string path = folder.path().string();
  setenv("TMPDIR", path.c_str(), 1);
  setenv("GAUNTLET_FOLDER", (path + "/g").c_str(), 1);
  const auto server = arena::Server::start({});
  const auto shared = arena::open_on(*server), each = arena::open("ephemeral", {});
  const auto harm_once = [&](const fault::Harm& harm) {
    const Client client = harm.what == fault::Harm::What::deny_unlock
                              ? Client{.statement = "SELECT pg_advisory_unlock(7)"}
                              : Client{};
    done_by(harm, client, harm.stops_server() ? *each : *shared);
  };
  // What is made once is there now.
  for (const fault::Harm& harm : {fault::cut_before(), fault::server_fast()}) harm_once(harm);
  const Leftovers before = look(*server, path);
  const auto& harms = fault::harms();
  for (std::size_t fault = 0; fault < faults_wanted(); ++fault) {
    SCOPED_TRACE(harms[fault % harms.size()].id);
    harm_once(harms[fault % harms.size()]);
    ASSERT_FALSE(HasFailure()) << "after " << fault + 1 << " faults";
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  Leftovers after = look(*server, path);
  while (after != before && std::chrono::steady_clock::now() < deadline) {
    ::poll(nullptr, 0, 50);
    after = look(*server, path);
  }
  EXPECT_EQ(after, before) << "after " << faults_wanted() << " faults";
  unsetenv("TMPDIR");
  unsetenv("GAUNTLET_FOLDER");
}

}  // namespace
}  // namespace gauntlet::crash
