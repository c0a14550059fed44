#include "harness/verify/serial.h"

#include "harness/arena/connection.h"
#include "harness/observe/observe.h"
#include "harness/verify/stage_run.h"

#include <map>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

std::string run_alone(const scenario::Stage& stage, const runner::Listing& listing,
                      const Program* program, const arena::Database& database,
                      const StageOptions& options) {
  if (program != nullptr) return run_program_alone(stage, listing, *program, database, options);
  return run_stage_alone(stage, listing, database.address(), options);
}

void run_once(const scenario::Scenario& scenario, const std::vector<runner::Listing>& listings,
              const Program* program, arena::Arena& arena, StageOptions options, Serial& serial) {
  const auto database = arena.fresh("serial");
  for (std::size_t index = 0; index < scenario.stages.size(); ++index) {
    const scenario::Stage& stage = scenario.stages[index];
    prepare(stage, database->address());
    options.lock_key = arena::unique_lock_key();
    const std::string failure = run_alone(stage, listings[index], program, *database, options);
    if (!failure.empty()) {
      throw runner::Error("no-serial-run", fmt::format("{} does not get through `{}` alone: {}",
                                                       program == nullptr ? "the reference runner"
                                                                          : program->subject.name,
                                                       stage.name, failure));
    }
    serial.stages[index].push_back(observe::snapshot(database->address()));
  }
}

}  // namespace

Serial run_serially(const scenario::Scenario& scenario, const Program* program, arena::Arena& arena,
                    const StageOptions& options) {
  constexpr int calibrations = 2;
  Serial serial{.stages = {scenario.stages.size(), std::vector<core::Snapshot>()}, .failure = {}};
  try {
    const auto listings = listings_of(scenario);
    for (int run = 0; run < calibrations; ++run) {
      run_once(scenario, listings, program, arena, options, serial);
    }
  } catch (const runner::Error& error) {
    serial.failure = error.what();
  }
  return serial;
}

std::vector<runner::Listing> listings_of(const scenario::Scenario& scenario) {
  std::map<std::string, std::string> folder;
  std::vector<runner::Listing> listings;
  for (const scenario::Stage& stage : scenario.stages) {
    for (const scenario::File& file : stage.files) folder[file.name] = file.sql;
    for (const std::string_view file : stage.removed) folder.erase(std::string(file));
    std::vector<runner::Script> scripts;
    scripts.reserve(folder.size());
    for (const auto& [name, sql] : folder)
      scripts.push_back({.file = name, .bytes = sql, .checksum = {}});
    listings.push_back(runner::list_scripts(std::move(scripts)));
  }
  return listings;
}

void prepare(const scenario::Stage& stage, const arena::Address& database) {
  if (!stage.prepare.empty()) arena::Connection(database).run(std::string(stage.prepare));
}

}  // namespace gauntlet::verify
