#include "harness/verify/rehearsal.h"

#include "harness/verify/environment.h"
#include "harness/verify/half_done.h"
#include "harness/verify/lock_watch.h"
#include "harness/verify/relations.h"
#include "runner/postgres.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using formats::Delivery;

// A file that is over by then needs no samples: what it holds before its COMMIT is known exactly.
constexpr std::chrono::milliseconds sampling_grace{20};
constexpr std::string_view begin = "BEGIN;";

/// One copy of the database and the session that plays the runner on it.
class Stage {
 public:
  Stage(const Context& context, const Program& program, const arena::Database& database)
      : context_(context),
        program_(program),
        session_(runner::connect_postgres(database.address().conninfo(),
                                          {.application_name = "gauntlet rehearsal"})),
        relations_(*session_),
        watch_(database.maintenance(), session_->backend_pid()) {
    const auto told = session_->query(
        "SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 140000");
    checks_connection_ = told.rows.at(0).at(0) == "t";
    own_timeout_ = own_statement_timeout(*session_);
    invalid_before_ = invalid_indexes(*session_);
    session_->send(settings());
  }

  /// Runs one file; false if the trial ends with it.
  bool run(std::size_t number, Trial& trial);
  std::string watch_failure() const { return watch_.failure(); }
  std::vector<std::string> invalid() { return invalid_indexes(*session_); }

 private:
  std::string settings() const;
  std::vector<core::RelationLock> run_in_transaction(std::string_view sql);
  std::vector<core::RelationLock> run_as_one_message(std::string_view sql);
  std::vector<core::RelationLock> run_by_statement(std::string_view sql);
  std::vector<core::RelationLock> end_of_file();
  std::vector<core::RelationLock> run_body(const FilePlan& plan);
  bool may_be_sent_alone(const runner::SqlError& error) const;
  void judge(std::size_t number, const runner::SqlError& error, Trial& trial);

  const Context& context_;
  const Program& program_;
  std::unique_ptr<runner::Session> session_;
  Relations relations_;
  LockWatch watch_;
  bool checks_connection_ = false;
  std::string own_timeout_;
  std::vector<std::string> invalid_before_;
  Framing framing_;  ///< of the message that was sent last
};

std::string Stage::settings() const {
  std::string text = "RESET SESSION AUTHORIZATION;RESET ALL;";
  if (own_timeout_.empty())
    text += fmt::format("SET statement_timeout = {};", context_.options.statement_timeout.count());
  if (checks_connection_) text += "SET client_connection_check_interval = '1s';";
  return text;
}

std::vector<core::RelationLock> Stage::run_in_transaction(std::string_view sql) {
  framing_ = {.prefix_characters = begin.size(), .prefix_statements = 1, .part = sql};
  const std::string after = fmt::format("\n;\n{}{};COMMIT", settings(), Relations::locks_query());
  std::string message;
  message.reserve(begin.size() + sql.size() + after.size());
  message.append(begin).append(sql).append(after);
  const auto began = Clock::now();
  watch_.start(sampling_grace);
  const std::vector<runner::Result> results = session_->send(message);
  const auto ended = Clock::now();
  const runner::Result& locks = results.at(results.size() - 2);
  return relations_.after_transaction(locks, watch_.stop(), began, ended);
}

std::vector<core::RelationLock> Stage::run_as_one_message(std::string_view sql) {
  framing_ = {.part = sql};
  watch_.start(std::chrono::milliseconds(0));
  session_->send(sql);
  return end_of_file();
}

std::vector<core::RelationLock> Stage::run_by_statement(std::string_view sql) {
  watch_.start(std::chrono::milliseconds(0));
  const runner::Split split = runner::split(sql);
  std::size_t number = 0;
  for (const runner::Statement& statement : split.statements) {
    framing_ = {.offset = statement.offset,
                .part = statement.sql,
                .statement = ++number,
                .statements = split.statements.size()};
    session_->send(statement.sql);
  }
  return end_of_file();
}

std::vector<core::RelationLock> Stage::end_of_file() {
  const SeenLocks seen = watch_.stop();
  if (session_->transaction_status() != runner::TransactionStatus::idle) {
    throw runner::Error("transaction-left-open", "it leaves a transaction open at its end", {},
                        "end it with COMMIT");
  }
  session_->send(settings());
  return relations_.after_sampling(*session_, seen);
}

std::vector<core::RelationLock> Stage::run_body(const FilePlan& plan) {
  const std::string_view sql = plan.migration->up.sql();
  switch (plan.delivery) {
    case Delivery::as_one_message:
      return run_as_one_message(sql);
    case Delivery::by_statement:
      return run_by_statement(sql);
    case Delivery::in_transaction:
      break;
  }
  try {
    return run_in_transaction(sql);
  } catch (const runner::SqlError& error) {
    if (!may_be_sent_alone(error)) throw;
  }
  session_->send("ROLLBACK");
  session_->send(settings());
  return run_as_one_message(sql);
}

/// A foreign runner that wraps no file in a transaction lets a procedure or a DO block commit.
bool Stage::may_be_sent_alone(const runner::SqlError& error) const {
  const std::string& code = error.said().sqlstate;
  return context_.options.runner && context_.options.format.own_transactions &&
         (code == "2D000" || code == "25001");
}

bool Stage::run(std::size_t number, Trial& trial) {
  const FilePlan& plan = program_.plans[number];
  context_.progress(fmt::format("dry-run: rehearsing {} ({} of {})",
                                runner::to_string(*plan.migration), number + 1,
                                program_.plans.size()));
  const auto start = Clock::now();
  try {
    std::vector<core::RelationLock> locks = run_body(plan);
    trial.files.push_back(ran(plan, Clock::now() - start));
    core::merge(trial.judgement, core::judged({}));
    trial.files.back().locks = std::move(locks);
    return true;
  } catch (const runner::SqlError& error) {
    watch_.stop();
    judge(number, error, trial);
  } catch (const runner::Error& error) {
    watch_.stop();
    judge_error(trial, program_, number, error);
  }
  return false;
}

void Stage::judge(std::size_t number, const runner::SqlError& error, Trial& trial) {
  const FilePlan& plan = program_.plans[number];
  std::optional<std::string> environment;
  Around around;
  if (!error.connection_lost()) {
    if (session_->transaction_status() != runner::TransactionStatus::idle)
      session_->send("ROLLBACK");
    session_->send(settings());
    environment =
        environment_fault(*session_, *plan.migration, error.said(), context_.listing.migrations);
    around = around_of(*session_, context_);
    around.owner = owner_of_named(*session_, error.said());
    around.base_file = base_file_of(context_, error.said());
    if (is_about_an_object_there(error.said()))
      around.already_there = statements_done_before(*session_, *plan.migration, around.all);
    around.invalid_indexes = invalid();
    std::erase_if(around.invalid_indexes, [&](const std::string& index) {
      return std::ranges::find(invalid_before_, index) != invalid_before_.end();
    });
  }
  judge_failure(trial, program_,
                {.number = number,
                 .error = error,
                 .framing = framing_,
                 .around = around,
                 .environment = environment},
                context_.options);
}

void note_sampling(Trial& trial, const Program& program, const std::string& failure) {
  std::vector<std::string> sampled;
  for (const FilePlan& plan : program.plans) {
    if (plan.delivery != Delivery::in_transaction) sampled.push_back(label(*plan.migration));
  }
  if (!failure.empty()) {
    trial.notes.push_back(fmt::format("lock times could not be sampled: {}", failure));
  } else if (!sampled.empty()) {
    trial.notes.push_back(
        fmt::format("locks of {} were sampled every 5 ms: at least these, and at least so long",
                    fmt::join(sampled, ", ")));
  }
}

void note_copy(Trial& trial, const arena::Arena::Copy& copy, const std::string& because) {
  trial.notes.push_back(fmt::format("rehearsed whole: {}; its copy: {}", because, copy.how));
}

/// Where a rehearsal takes place, and the arena that it belongs to where that is one of its own.
struct Place {
  std::unique_ptr<arena::Arena> arena;
  arena::Arena::Copy copy;
};

/// Every file's locks are read once, and reading them costs what the server has room for. Beside an
/// ephemeral database, which is empty, stands a server with room for few sessions.
Place place_for(const Context& context, const std::vector<std::string>& tracker_tables) {
  if (!context.arena->is_ephemeral()) {
    return {.arena = nullptr, .copy = context.arena->copy_of_given(tracker_tables)};
  }
  arena::ArenaOptions options = context.options.arena;
  options.server.settings.try_emplace("max_connections", "20");
  Place place{.arena = arena::open("ephemeral", options), .copy = {}};
  place.copy.database = place.arena->fresh("rehearsal");
  place.copy.how = "a fresh database, empty as the given one";
  return place;
}

}  // namespace

Trial rehearse(const Context& context, const Program& program,
               const std::vector<std::string>& tracker_tables, const std::string& because) {
  context.progress("dry-run: copying the database");
  const Place place = place_for(context, tracker_tables);
  const arena::Arena::Copy& copy = place.copy;
  Trial trial;
  note_copy(trial, copy, because);
  {
    Stage stage(context, program, *copy.database);
    std::size_t number = 0;
    while (number < program.runnable() && stage.run(number, trial)) ++number;
    if (number == program.runnable()) {
      judge_obstacle(trial, program);
      judge_invalid_indexes(trial, program, stage.invalid());
    }
    note_sampling(trial, program, stage.watch_failure());
  }
  if (context.options.keep && trial.judgement.verdict != core::Verdict::holds) {
    trial.notes.push_back(fmt::format("kept: {}", copy.database->keep()));
  }
  return trial;
}

}  // namespace gauntlet::verify
