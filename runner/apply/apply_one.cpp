#include "runner/apply/apply_one.h"

#include "runner/apply/outside.h"
#include "runner/apply/outside_rules.h"

#include <exception>
#include <memory>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

Error ended_its_transaction(const Task& task) {
  return {"open-transaction", fmt::format("{} ended the transaction that it ran in", task.name()),
          task.where(), "take BEGIN, COMMIT and ROLLBACK out of it"};
}

// One task in one transaction: one message, or several where code or a hook stands between.
class InTransaction {
 public:
  InTransaction(const Applying& applying, const Task& task)
      : applying_(applying),
        session_(applying.session),
        dialect_(applying.session.dialect()),
        task_(task) {}

  void run() {
    Message message{
        .before = opening(), .body = task_.sql(), .after = record_statements(applying_, task_)};
    // In parts, what opens the transaction does not wait for the lock inside the engine, and what
    // the body leaves open does not swallow what follows it. A hook that writes could not while the
    // database's file is locked, so try_beside() keeps others out instead.
    const bool in_parts = !dialect_.sends_whole_transactions();
    const bool hook_in_turn = applying_.hook && !in_parts && !applying_.lock.lasts_a_run();
    std::unique_ptr<Guard> guard;
    std::shared_ptr<const void> beside;
    if (applying_.hook && !hook_in_turn) {
      beside = hold_beside(applying_, task_);
      applying_.hook(task_);
    }
    try {
      if (hook_in_turn) {
        open_at_once(std::exchange(message.before, {}));
        applying_.hook(task_);
      }
      if (in_parts) {
        open_at_once(std::exchange(message.before, {}));
        guard = dialect_.outside_rules().guard(session_, task_);
        send({.before = {}, .body = std::exchange(message.body, {}), .after = {}});
        refuse_ended();
      }
      if (task_.code()) {
        send({.before = std::exchange(message.before, {}),
              .body = std::exchange(message.body, {}),
              .after = {}});
        run_code();
      }
      if (guard) refuse_harm(*guard);
      const std::vector<Result> results = send(message);
      if (results.empty() || results.back().tag != "COMMIT") throw ended_its_transaction(task_);
    } catch (const Error&) {
      if (session_.transaction_status() != TransactionStatus::unknown) roll_back(session_);
      throw;
    }
  }

 private:
  std::vector<OwnStatement> opening() const {
    std::vector<OwnStatement> statements;
    for (std::string& reset : dialect_.resets_before()) {
      statements.push_back({Purpose::setting, std::move(reset)});
    }
    for (OwnStatement& own : dialect_.outside_rules().before_transaction(task_)) {
      statements.push_back(std::move(own));
    }
    for (OwnStatement& own : applying_.lock.opening()) statements.push_back(std::move(own));
    if (!applying_.lock.lasts_a_run()) {
      statements.push_back({Purpose::recheck, applying_.tracker.recheck_statement(
                                                  task_.migration->version, task_.direction)});
      add_statement(statements, Purpose::turn,
                    applying_.tracker.refuse_mark_statement(task_.migration->version));
    }
    for (std::string& setting :
         dialect_.settings(applying_.settings, SqlDialect::Scope::transaction)) {
      statements.push_back({Purpose::setting, std::move(setting)});
    }
    bound_lock_waits(applying_, task_, statements);
    return statements;
  }

  void open_at_once(std::vector<OwnStatement> opening) {
    if (opening.empty()) return;
    send({.before = std::move(opening), .body = {}, .after = {}}, Wait::no);
  }

  void refuse_ended() const {
    if (session_.transaction_status() != TransactionStatus::in_transaction) {
      throw ended_its_transaction(task_);
    }
  }

  void refuse_harm(const Guard& guard) const {
    const auto harm = guard.harm();
    if (!harm) return;
    throw Error(harm->code, fmt::format("{} {}; it was rolled back", task_.name(), harm->what),
                task_.where() + harm->list,
                fmt::format("nothing of it remains; correct the file ({}), then run `{}` again",
                            harm->fix, task_.command()));
  }

  enum class Wait { yes, no };

  std::vector<Result> send(const Message& message, Wait wait = Wait::yes) {
    try {
      return wait == Wait::yes ? send_body(session_, message)
                               : Lock::send_at_once(session_, message);
    } catch (const SqlError& error) {
      const ErrorSite site = site_of(message, error, dialect_);
      refuse_if_not_our_turn(applying_, site, error);
      throw failure_of(
          task_, site, error, dialect_,
          error.connection_lost() ? "whether it took effect is not known" : task_.what_remains());
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("{}: {}", task_.name(), error.message()), task_.where(),
                  error.fix().empty()
                      ? fmt::format("{}; run `{}` again", task_.what_remains(), task_.command())
                      : task_.what_remains() + "; " + error.fix());
    }
  }

  void run_code() {
    refuse_ended();
    try {
      task_.code()(session_);
    } catch (const std::exception& error) {
      throw_failed_code(error);
    }
    refuse_ended();
  }

  [[noreturn]] void throw_failed_code(const std::exception& error) const {
    const auto* told = dynamic_cast<const Error*>(&error);
    if (told != nullptr && told->code() == "interrupted") throw Error(*told);
    const bool lost = session_.transaction_status() == TransactionStatus::unknown;
    throw Error(
        lost ? "connection-lost" : "migration-failed",
        fmt::format("{} failed: {}", task_.name(),
                    told == nullptr ? error.what() : told->message()),
        task_.where(),
        fmt::format("{}; correct the code, then run `{}` again",
                    lost ? "its transaction ended with the connection" : task_.what_remains(),
                    task_.command()));
  }

  const Applying& applying_;
  Session& session_;
  const SqlDialect& dialect_;
  const Task& task_;
};

}  // namespace

namespace {

void apply_in_its_way(const Applying& applying, const Task& task) {
  if (task.delivery == Delivery::in_transaction) {
    InTransaction(applying, task).run();
  } else {
    apply_outside(applying, task);
  }
}

}  // namespace

void apply_one(const Applying& applying, const Task& task) {
  keep_connection_while(applying, task, [&] { apply_in_its_way(applying, task); });
}

}  // namespace gauntlet::runner
