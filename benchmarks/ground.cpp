#include "benchmarks/ground.h"

#include "harness/arena/create_database.h"
#include "runner/values/error.h"

#include <cstdlib>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::benchmarks {

namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr std::chrono::minutes patience{2};
constexpr const char* pristine = "pristine";

void refuse_failed(process::Process& ended) {
  if (ended.exit() && ended.exit()->ok()) return;
  const std::string how = ended.exit() ? ended.exit()->text() : "still running after two minutes";
  throw runner::Error("program-failed", fmt::format("{}: {}{}", how, ended.out(), ended.err()));
}

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "gauntlet-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw runner::Error("no-folder", "no temporary folder could be made", name);
  }
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path Folder::add_migration(int number, const std::string& sql) const {
  return add(fmt::format("{:05}_step.up.sql", number), sql);
}

std::filesystem::path Folder::add(const std::string& name, const std::string& text) const {
  std::filesystem::path file = path_ / name;
  std::ofstream(file, std::ios::binary) << text;
  return file;
}

Ground::Ground(const std::string& init_sql)
    : server_(arena::Server::start({})), control_(server_->local()) {
  arena::create_database(control_, {.name = pristine});
  arena::run_init_sql(server_->local().with_database(pristine), init_sql);
}

arena::Address Ground::fresh(const std::string& name) {
  arena::drop_database(control_, name);
  arena::create_database(control_, {.name = name, .template_name = pristine});
  return server_->local().with_database(name);
}

process::Command program(const std::string& name, const std::vector<std::string>& arguments) {
  std::vector<std::string> argv{std::string(GAUNTLET_BINARY_DIR) + "/bin/" + name};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return {.argv = std::move(argv)};
}

process::Command migrate(const std::string& command, const arena::Address& address,
                         const Folder& migrations) {
  return program("gauntlet-migrate", {command, "--database", address.url(), "--migrations",
                                      migrations.path().string()});
}

void await(arena::Connection& watcher, const std::string& condition) {
  const auto deadline = steady_clock::now() + std::chrono::minutes(1);
  while (watcher.ask_one(condition) != "t") {
    if (steady_clock::now() > deadline)
      throw runner::Error("program-failed", "never: " + condition);
  }
}

Storm release_together(process::Command command, int count) {
  command.held = true;
  std::vector<process::Process> copies;
  copies.reserve(static_cast<std::size_t>(count));
  for (int copy = 0; copy < count; ++copy) copies.push_back(process::Process::start(command));
  return until_all_end(copies, [&] {
    for (process::Process& copy : copies) copy.release();
  });
}

// They are waited for in turn and not all at once: to look at every one whenever one has moved
// would take the processors from what is measured. The last to end ends the loop all the same.
Storm until_all_end(std::vector<process::Process>& copies, const std::function<void()>& release) {
  const auto begin = steady_clock::now();
  release();
  for (process::Process& copy : copies) copy.wait_until(begin + patience);
  const auto took = steady_clock::now() - begin;
  const auto ended = system_clock::now();
  for (process::Process& copy : copies) refuse_failed(copy);
  return {.milliseconds = std::chrono::duration<double, std::milli>(took).count(), .ended = ended};
}

double time_of(const process::Command& command) {
  return release_together(command, 1).milliseconds;
}

}  // namespace gauntlet::benchmarks
