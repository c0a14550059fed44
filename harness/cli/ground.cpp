#include "harness/cli/ground.h"

#include "harness/cli/output.h"
#include "harness/observe/observe.h"
#include "harness/process/quoted_word.h"
#include "runner/values/error.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {

namespace {

constexpr std::chrono::hours kept_for{2};
/// More, of sixteen replicas each, would stand in each other's way.
constexpr std::size_t one_job = 1, ephemeral_jobs_max = 4;

}  // namespace

Ground::Ground(const ScenarioOptions& how, Servers servers) : how_(how) {
  if (how.database != "ephemeral") guard_ = std::make_unique<Guard>(how.database);
  if (how.database == "ephemeral" && servers == Servers::one)
    server_ = arena::Server::start(how.server);
  arena_ = open_arena();
}

std::unique_ptr<arena::Arena> Ground::open_arena() const {
  if (server_) return arena::open_on(*server_);
  return arena::open(how_.database, {.server = how_.server});
}

std::optional<core::ServerFacts> Ground::facts() const {
  try {
    return observe::server_facts(arena_->given());
  } catch (const std::exception&) {
    return std::nullopt;  // the runs themselves tell what is wrong with the server
  }
}

void Ground::keep() const {
  if (server_) server_->keep(kept_for);
}

std::size_t jobs_of(const ScenarioOptions& how) {
  const std::size_t cores = std::thread::hardware_concurrency();
  return how.jobs.value_or(
      how.database == "ephemeral" ? std::clamp(2 * cores, one_job, ephemeral_jobs_max) : one_job);
}

std::string replayed_flags(const ScenarioOptions& how) {
  std::string flags =
      how.database == "ephemeral" ? " --database ephemeral" : R"( --database "$TEST_DATABASE_URL")";
  if (how.timeout) flags += fmt::format(" --timeout {}ms", how.timeout->count());
  if (how.window) flags += fmt::format(" --window {}ms", how.window->count());
  if (!how.server.binaries.empty())
    flags += " --postgres " + process::quoted_word(how.server.binaries.string());
  if (how.server.locale != arena::ServerOptions().locale)
    flags += " --locale " + process::quoted_word(how.server.locale);
  for (const auto& [name, value] : how.server.settings)
    flags += " --server-setting " + process::quoted_word(fmt::format("{}={}", name, value));
  return flags;
}

std::string replayed_subject(const TestCommand& command) {
  std::string flags;
  const auto add = [&](std::string_view flag, const std::string& value) {
    if (!value.empty()) flags += fmt::format(" {} {}", flag, process::quoted_word(value));
  };
  add("--mutant", command.mutant);
  if (command.processes) flags += " --processes";
  add("--runner", command.runner);
  add("--subject", command.subject_file);
  add("--format", command.project_format);
  add("--applied-query", command.applied_query);
  if (command.success_codes != TestCommand().success_codes)
    flags += fmt::format(" --success-codes {}", fmt::join(command.success_codes, ","));
  add("--migrations", command.migrations);
  if (command.format.name != "gauntlet") add("--format", std::string(command.format.name));
  if (command.allow_cluster_changes) flags += " --allow-cluster-changes";
  return flags;
}

}  // namespace gauntlet::cli
