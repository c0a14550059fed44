#include "harness/verify/trial.h"

#include "harness/core/files.h"
#include "harness/sql/creations.h"
#include "harness/verify/base_schema.h"
#include "harness/verify/remedy.h"
#include "harness/verify/replay.h"
#include "runner/sql/lexer.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

std::string file_name(const FilePlan& plan) {
  return core::name_in_messages(plan.migration->up.file);
}

/// Why a failure that is not the migration's leaves the question open.
std::string undecided(const FilePlan& plan, const runner::ServerMessage& said, const Around& around,
                      const Options& options) {
  const std::string name = label(*plan.migration);
  switch (blame(said)) {
    case Blame::lock:
      return fmt::format(
          "somebody holds a lock that {} needs; nothing waits behind us: run again when "
          "it is released, or use `--database ephemeral`",
          name);
    case Blame::timeout:
      if (!around.own_timeout.empty()) return {};
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

void judge_failure(Trial& trial, const Program& program, const Failure& failure,
                   const Options& options) {
  const FilePlan& plan = program.plans[failure.number];
  std::string reason = undecided(plan, failure.error.said(), failure.around, options);
  if (failure.environment)
    reason = fmt::format("{} needs what is missing: {}", file_name(plan), *failure.environment);
  if (reason.empty()) {
    core::merge(trial.judgement, core::judged({failure_finding(*plan.migration, failure.error,
                                                               failure.framing, failure.around)}));
    end_at(trial, program, failure.number);
    return;
  }
  core::merge(trial.judgement, core::unknown(std::move(reason)));
  end_at(trial, program, failure.number, "could not be run to its end");
}

std::string own_statement_timeout(runner::Session& session) {
  const auto found = session.query(
      "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'statement_timeout' AND "
      "setting <> '0' AND source IN ('database', 'user', 'database user')");
  return found.rows.empty() ? std::string() : found.rows[0][0].value_or("") + "ms";
}

Around around_of(runner::Session& session, const Context& context) {
  const auto found = session.query(
      "SELECT session_user, pg_catalog.split_part(pg_catalog.current_setting('server_version'), "
      "' ', 1)");
  return {.role = found.rows.at(0).at(0).value_or(""),
          .server_version = found.rows.at(0).at(1).value_or(""),
          .is_ephemeral = context.arena->is_ephemeral(),
          .own_timeout = own_statement_timeout(session),
          .all = context.listing.migrations};
}

BaseFile base_file_of(const Context& context, const runner::ServerMessage& said) {
  if (!is_about_a_missing_object(said)) return {};
  std::set<std::string> made;
  for (const runner::Migration& migration : context.listing.migrations)
    for (const sql::Creation& creation : sql::creations_in(migration.up.sql()))
      made.insert(runner::lower(creation.name));
  return base_file_near(context.options.migrations, named_object(said), made);
}

std::vector<std::string> invalid_indexes(runner::Session& session) {
  const auto found = session.query(
      "SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) "
      "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname !~ '^pg_' ORDER BY 1");
  std::vector<std::string> indexes;
  for (const auto& row : found.rows) indexes.push_back(row.at(0).value_or(""));
  return indexes;
}

void judge_invalid_indexes(Trial& trial, const Program& program,
                           const std::vector<std::string>& indexes) {
  for (const std::string& index : indexes) {
    std::string bare = index.substr(index.find('.') + 1);
    std::erase(bare, '"');
    const auto plan = std::ranges::find_if(program.plans, [&](const FilePlan& each) {
      return has_word(each.migration->up.sql(), bare);
    });
    if (plan == program.plans.end()) {
      trial.notes.push_back(fmt::format("index {} is INVALID; no pending file names it", index));
      continue;
    }
    core::merge(
        trial.judgement,
        core::judged(
            {{.id = "invalid-index",
              .message = fmt::format(
                  "index {} is INVALID after the pending files, and {} takes it for done: no query "
                  "uses it, and a unique one keeps nothing unique",
                  index, file_name(*plan)),
              .where = {.file = plan->migration->up.file.string(),
                        .version = plan->migration->version.number},
              .fix = fmt::format("DROP INDEX CONCURRENTLY {} where it is INVALID, then run the "
                                 "migration; IF NOT EXISTS does not look at indisvalid",
                                 index)}}));
  }
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
