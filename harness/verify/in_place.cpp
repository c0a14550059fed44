#include "harness/verify/in_place.h"

#include "harness/process/fd.h"
#include "harness/verify/environment.h"
#include "harness/verify/half_done.h"
#include "harness/verify/traces.h"
#include "runner/postgres.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <sys/timerfd.h>

namespace gauntlet::verify {

namespace {

using std::chrono::steady_clock;

/// What the database is like, told by the transaction's first messages.
struct Footing {
  /// The server knows client_connection_check_interval (14 and later).
  bool checks_connection = false;
  /// Constraints, ready for SET CONSTRAINTS, that are deferrable but not deferred by themselves.
  std::string immediate;
};

constexpr std::string_view immediate_constraints =
    "SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('%I.%I', n.nspname, c.conname), ', ') "
    "FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace "
    "WHERE c.condeferrable AND NOT c.condeferred";

std::unique_ptr<runner::Session> connect(const arena::Address& address) {
  const arena::Address watched = address.with("keepalives_idle", "30")
                                     .with("keepalives_interval", "10")
                                     .with("keepalives_count", "3");
  return runner::connect_postgres(watched.conninfo(), {.application_name = "gauntlet dry-run"});
}

/// Cancels what the session runs once the time is over: nobody waits longer for its locks.
class TimeBound {
 public:
  TimeBound(runner::Session& session, std::chrono::milliseconds time)
      : timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
    itimerspec once{};
    once.it_value.tv_sec = seconds.count();
    once.it_value.tv_nsec = std::chrono::nanoseconds(time - seconds).count();
    ::timerfd_settime(timer_.get(), 0, &once, nullptr);
    session.interrupt_with(timer_.get());
  }

 private:
  process::Fd timer_;
};

/// One transaction that always ends in ROLLBACK: at the latest when its session closes.
class Transaction {
 public:
  Transaction(const Context& context, const Program& program)
      : context_(context), program_(program), session_(connect(context.arena->given())) {
    own_timeout_ = own_statement_timeout(*session_);
    session_->send("SET statement_timeout = 0");
    if (!context.arena->is_ephemeral()) bound_.emplace(*session_, context.options.in_place_max);
  }

  void begin();
  /// Runs one file; false if the trial ends with it.
  bool run(std::size_t number, Trial& trial);
  /// INVALID indexes as the files would leave them.
  std::vector<std::string> invalid() { return invalid_indexes(*session_); }
  /// What the server says became of it; empty if it never had a transaction id.
  std::string roll_back();

 private:
  std::string settings() const;
  std::string before_file() const;
  std::string after_file() const;
  std::string message_of(std::string_view sql) const;
  void send(std::size_t number);
  void judge(std::size_t number, const runner::SqlError& error, Trial& trial);
  void back_to_file();

  const Context& context_;
  const Program& program_;
  std::unique_ptr<runner::Session> session_;
  std::optional<TimeBound> bound_;  ///< on a given database: others may come and wait for its locks
  std::string own_timeout_;
  Footing footing_;
  bool watches_constraints_ = false;
};

void Transaction::begin() {
  session_->send("BEGIN");
  const runner::Result told = session_->query(
      "SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 140000");
  footing_.checks_connection = told.rows.at(0).at(0) == "t";
  footing_.immediate = session_->query(immediate_constraints).rows.at(0).at(0).value_or("");
  session_->send(settings());
  session_->send("SAVEPOINT gauntlet_file");
  watches_constraints_ = !footing_.immediate.empty();
  for (const FilePlan& plan : program_.plans) {
    watches_constraints_ = watches_constraints_ || has_word(plan.migration->up.sql(), "deferrable");
  }
}

std::string Transaction::settings() const {
  std::string text =
      "SET LOCAL lock_timeout = '1s';SET LOCAL idle_in_transaction_session_timeout = '60s';";
  if (own_timeout_.empty()) {
    text += fmt::format("SET LOCAL statement_timeout = {};",
                        context_.options.statement_timeout.count());
  } else {
    text += "RESET statement_timeout;";
  }
  if (footing_.checks_connection) text += "SET LOCAL client_connection_check_interval = '1s';";
  return text;
}

/// After a file everything that can be is deferred; what is immediate by itself must be so again.
std::string Transaction::before_file() const {
  if (footing_.immediate.empty()) return {};
  return fmt::format("SET CONSTRAINTS {} IMMEDIATE;", footing_.immediate);
}

/// Ends a file as its COMMIT would: deferred checks are made. The next one starts as in a
/// transaction of its own: with the session's own settings, and a savepoint that stands before its
/// message is sent, for one that does not parse runs no statement at all.
std::string Transaction::after_file() const {
  return fmt::format(
      "\n;\nSET CONSTRAINTS ALL IMMEDIATE;SET CONSTRAINTS ALL DEFERRED;"
      "RESET SESSION AUTHORIZATION;RESET ALL;{}"
      "RELEASE SAVEPOINT gauntlet_file;SAVEPOINT gauntlet_file;{}",
      settings(), watches_constraints_ ? immediate_constraints : "");
}

std::string Transaction::message_of(std::string_view sql) const {
  const std::string before = before_file();
  const std::string after = after_file();
  std::string message;
  message.reserve(before.size() + sql.size() + after.size());
  return message.append(before).append(sql).append(after);
}

void Transaction::send(std::size_t number) {
  const auto results = session_->send(message_of(program_.plans[number].migration->up.sql()));
  if (watches_constraints_) footing_.immediate = results.back().rows.at(0).at(0).value_or("");
}

bool Transaction::run(std::size_t number, Trial& trial) {
  const FilePlan& plan = program_.plans[number];
  context_.progress(fmt::format("dry-run: {} ({} of {})", runner::to_string(*plan.migration),
                                number + 1, program_.plans.size()));
  const auto start = steady_clock::now();
  try {
    send(number);
  } catch (const runner::SqlError& error) {
    judge(number, error, trial);
    return false;
  } catch (const runner::Error& error) {
    if (error.code() != "interrupted") throw;
    trial.must_rehearse = fmt::format(
        "the files hold their locks for longer than --in-place-max, {} ms, on the given database",
        context_.options.in_place_max.count());
    return false;
  }
  trial.files.push_back(ran(plan, steady_clock::now() - start));
  core::merge(trial.judgement, core::judged({}));
  return true;
}

void Transaction::judge(std::size_t number, const runner::SqlError& error, Trial& trial) {
  const FilePlan& plan = program_.plans[number];
  if (may_pass_alone(error.said())) {
    trial.must_rehearse = fmt::format("{} cannot share a transaction with the others ({})",
                                      label(*plan.migration), told(error.said()));
    return;
  }
  if (number > 0 && may_be_frozen_values(error.said())) {
    trial.must_rehearse = fmt::format(
        "{} fails in a transaction that it shares, where now() and the transaction's id stand "
        "still "
        "({})",
        label(*plan.migration), told(error.said()));
    return;
  }
  std::optional<std::string> environment;
  Around around;
  if (!error.connection_lost()) {
    back_to_file();
    environment =
        environment_fault(*session_, *plan.migration, error.said(), context_.listing.migrations);
    around = around_of(*session_, context_);
    around.owner = owner_of_named(*session_, error.said());
    around.base_file = base_file_of(context_, error.said());
    if (is_about_an_object_there(error.said()))
      around.already_there = statements_done_before(*session_, *plan.migration, around.all);
  }
  const std::string before = before_file();
  const Framing framing{.prefix_characters = before.size(),
                        .prefix_statements = footing_.immediate.empty() ? 0U : 1U,
                        .part = plan.migration->up.sql()};
  judge_failure(trial, program_,
                {.number = number,
                 .error = error,
                 .framing = framing,
                 .around = around,
                 .environment = environment},
                context_.options);
}

void Transaction::back_to_file() {
  if (session_->transaction_status() == runner::TransactionStatus::in_error) {
    session_->send("ROLLBACK TO SAVEPOINT gauntlet_file");
  }
}

std::string Transaction::roll_back() {
  if (session_->transaction_status() == runner::TransactionStatus::unknown) return {};
  back_to_file();
  const auto id = session_->query("SELECT pg_catalog.txid_current_if_assigned()").rows.at(0).at(0);
  session_->send("ROLLBACK");
  if (!id) return {};
  return session_->query("SELECT pg_catalog.txid_status($1)", {*id}).rows.at(0).at(0).value_or("");
}

}  // namespace

Trial try_in_place(const Context& context, const Program& program) {
  Trial trial;
  const Traces traces(context);
  std::string fate;
  {
    Transaction transaction(context, program);
    transaction.begin();
    std::size_t number = 0;
    while (number < program.runnable() && transaction.run(number, trial)) ++number;
    if (number == program.runnable()) {
      judge_obstacle(trial, program);
      judge_invalid_indexes(trial, program, transaction.invalid());
    }
    fate = transaction.roll_back();
  }
  traces.judge(trial, fate);
  return trial;
}

}  // namespace gauntlet::verify
