#include "harness/run/serial.h"

#include "harness/arena/connection.h"
#include "harness/arena/guest_names.h"
#include "harness/observe/observe.h"
#include "harness/run/asked.h"
#include "harness/run/program_stage.h"
#include "runner/sqlite.h"

#include <algorithm>
#include <fstream>
#include <functional>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

std::string run_alone(const scenario::Stage& stage, const Folder& folder, const Program* program,
                      const arena::Database& database, const StageOptions& options, Serial& serial,
                      std::size_t index) {
  if (program == nullptr)
    return run_stage_alone(stage, folder.listing, database.address(), options);
  const Alone alone = run_program_alone(stage, folder, *program, database, options);
  std::vector<std::string>& locks = serial.locks.back();
  locks.insert(locks.end(), alone.locks.begin(), alone.locks.end());
  if (alone.exit_code) serial.exits[index].push_back(*alone.exit_code);
  if (!alone.failure.empty()) serial.failed_with = alone.exit_code;
  if (serial.refused.empty()) serial.refused = alone.refused;
  return alone.failure;
}

/// Every stage in order; `look` is called after each.
void run_through(const scenario::Scenario& scenario, const Program* program,
                 const arena::Database& database, StageOptions options, Serial& serial,
                 const std::function<void(std::size_t)>& look) {
  const std::vector<Folder> folders = folders_of(scenario);
  serial.locks.emplace_back();
  serial.exits.resize(scenario.stages.size());
  for (std::size_t index = 0; index < scenario.stages.size(); ++index) {
    const scenario::Stage& stage = scenario.stages[index];
    prepare(stage, database.address());
    options.lock_key = arena::unique_lock_key();
    const std::string failure =
        run_alone(stage, folders[index], program, database, options, serial, index);
    if (!failure.empty()) {
      throw runner::Error("no-serial-run", fmt::format("{} does not get through `{}` alone: {}",
                                                       program == nullptr ? "the reference runner"
                                                                          : program->subject.name,
                                                       stage.name, failure));
    }
    look(index);
  }
}

/// Is anything compared with what is left when one does it alone?
bool compares(const scenario::Scenario& scenario) {
  return std::ranges::any_of(scenario.stages, [](const scenario::Stage& stage) {
    return asks_any(stage, {"data-equals-serial", "schema-equals-serial"});
  });
}

}  // namespace

std::optional<std::string> Serial::lock() const {
  if (locks.empty()) return std::nullopt;
  for (const std::string& lock : locks.front()) {
    const auto has_it = [&](const auto& run) { return std::ranges::find(run, lock) != run.end(); };
    if (std::ranges::all_of(locks, has_it)) return lock;
  }
  return std::nullopt;
}

bool Serial::took_none() const {
  return std::ranges::all_of(locks, [](const auto& run) { return run.empty(); });
}

// What differs between two of them is not stable in any; whoever compares with none needs but one.
Serial run_serially(const scenario::Scenario& scenario, const Program* program, arena::Arena& arena,
                    const StageOptions& options) {
  const int calibrations = program != nullptr || compares(scenario) ? 2 : 1;
  Serial serial;
  serial.stages.resize(scenario.stages.size());
  try {
    for (int run = 0; run < calibrations; ++run) {
      const auto database = arena.fresh("serial");
      run_through(scenario, program, *database, options, serial, [&](std::size_t stage) {
        serial.stages[stage].push_back(observe::snapshot(database->address()));
      });
    }
  } catch (const runner::Error& error) {
    serial.failure = error.what();
  }
  return serial;
}

void run_program_through(const scenario::Scenario& scenario, const Program& program,
                         const arena::Database& database, const StageOptions& options,
                         Serial& shown) {
  run_through(scenario, &program, database, options, shown, [](std::size_t) {});
}

void swap_names(const arena::Database& one, const arena::Database& other) {
  arena::Connection sql(one.maintenance());
  const std::string a = one.address().database(), b = other.address().database();
  const auto rename = [&sql](const std::string& from, const std::string& to) {
    sql.run("ALTER DATABASE " + sql.identifier(from) + " RENAME TO " + sql.identifier(to));
  };
  const std::string meanwhile = arena::guest_name();  // which a sweep knows, should we be killed
  rename(a, meanwhile);
  rename(b, a);
  rename(meanwhile, b);
}

void prepare(const scenario::Stage& stage, const arena::Address& database) {
  const std::filesystem::path file = database.file();
  if (!stage.bytes.empty()) {
    std::ofstream(file, std::ios::binary) << stage.bytes;
  } else if (stage.prepare.empty()) {
    return;
  } else if (file.empty()) {
    arena::Connection(database).run(std::string(stage.prepare));
  } else {
    runner::connect_sqlite(database.conninfo())->send(stage.prepare);
  }
}

}  // namespace gauntlet::run
