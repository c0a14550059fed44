#include "harness/verify/trial.h"

#include "harness/verify/replay.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

std::string file_name(const FilePlan& plan) { return plan.migration->up.file.filename().string(); }

/// Why a failure that is not the migration's leaves the question open.
std::string undecided(const FilePlan& plan, const runner::ServerMessage& said,
                      const Options& options) {
  const std::string name = label(*plan.migration);
  switch (blame(said)) {
    case Blame::lock:
      return fmt::format(
          "somebody holds a lock that {} needs; nothing waits behind us: run again when "
          "it is released, or use `--database ephemeral`",
          name);
    case Blame::timeout:
      return fmt::format("{} was cancelled ({}): give it longer than `--statement-timeout {}`",
                         name, said.message, flag_duration(options.statement_timeout));
    case Blame::server:
      return said.sqlstate.empty()
                 ? fmt::format("the connection was lost while {} ran: {}", name, said.message)
                 : fmt::format("the server could not finish {}: {}", name, told(said));
    case Blame::migration:
      break;
  }
  return {};
}

}  // namespace

std::size_t Program::runnable() const {
  const auto stop = std::find_if(plans.begin(), plans.end(), [](const FilePlan& plan) {
    return plan.refused || plan.withheld;
  });
  return static_cast<std::size_t>(stop - plans.begin());
}

core::FileOutcome ran(const FilePlan& plan, std::chrono::duration<double> took) {
  return {.file = file_name(plan), .version = plan.migration->version.number, .seconds = took};
}

void end_at(Trial& trial, const Program& program, std::size_t number,
            const std::string& not_judged) {
  using What = core::FileOutcome::What;
  const std::string follows = fmt::format("follows {}", label(*program.plans[number].migration));
  for (std::size_t at = number; at < program.plans.size(); ++at) {
    core::FileOutcome file = ran(program.plans[at], {});
    file.what = at == number && not_judged.empty() ? What::failed : What::not_judged;
    file.why = at == number ? not_judged : follows;
    trial.files.push_back(std::move(file));
  }
}

void judge_obstacle(Trial& trial, const Program& program) {
  const std::size_t number = program.runnable();
  if (number == program.plans.size()) return;
  const FilePlan& plan = program.plans[number];
  if (plan.withheld) {
    core::merge(trial.judgement, core::unknown(fmt::format(
                                     "{} is not run on a given server: {}; {}", file_name(plan),
                                     plan.withheld->why, plan.withheld->fix)));
    end_at(trial, program, number, "not run on a given server");
    return;
  }
  core::Finding finding{
      .id = "migration-refused",
      .message = fmt::format("the runner refuses {}: {}", runner::to_string(*plan.migration),
                             plan.refused->why),
      .where = {.file = plan.migration->up.file.string(),
                .version = plan.migration->version.number},
      .fix = plan.refused->fix};
  if (plan.refused->place) {
    finding.where.line = plan.refused->place->line;
    finding.where.column = plan.refused->place->column;
  }
  core::merge(trial.judgement, core::judged({std::move(finding)}));
  end_at(trial, program, number);
}

void judge_failure(Trial& trial, const Program& program, std::size_t number,
                   const runner::SqlError& error, const Framing& framing,
                   const std::optional<std::string>& environment, const Options& options) {
  const FilePlan& plan = program.plans[number];
  std::string reason = undecided(plan, error.said(), options);
  if (environment)
    reason = fmt::format("{} needs what is missing: {}", file_name(plan), *environment);
  if (reason.empty()) {
    core::merge(trial.judgement, core::judged({failure_finding(*plan.migration, error, framing)}));
    end_at(trial, program, number);
    return;
  }
  core::merge(trial.judgement, core::unknown(std::move(reason)));
  end_at(trial, program, number, "could not be run to its end");
}

void judge_error(Trial& trial, const Program& program, std::size_t number,
                 const runner::Error& error) {
  const runner::Migration& migration = *program.plans[number].migration;
  core::merge(
      trial.judgement,
      core::judged(
          {{.id = "migration-fails",
            .message = fmt::format("{} fails: {}", runner::to_string(migration), error.message()),
            .where = {.file = migration.up.file.string(), .version = migration.version.number},
            .fix = error.fix()}}));
  end_at(trial, program, number);
}

}  // namespace gauntlet::verify
