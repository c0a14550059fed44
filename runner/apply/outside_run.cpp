#include "runner/apply/outside_run.h"

#include "runner/values/own_query.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

// What lets a statement of ours write the mark whatever role the file has taken.
std::vector<OwnStatement> own_role(const OutsideRun& run) {
  std::vector<OwnStatement> statements;
  for (const std::string& setting : run.dialect.own_role()) {
    statements.push_back({Purpose::setting, setting});
  }
  return statements;
}

void write(const OutsideRun& run, const Message& message, const std::string& state) {
  try {
    send_own(run.session, message);
  } catch (const SqlError& error) {
    if (!error.connection_lost()) roll_back(run.session);
    const ErrorSite site = site_of(message, error, run.dialect);
    refuse_if_not_our_turn(run.applying, site, error);
    throw failure_of(run.task, site, error, run.dialect, state);
  }
}

void write_after_failure(const OutsideRun& run, const std::string& statement) {
  Message message{.before = {{Purpose::begin, run.dialect.begin_writing()}},
                  .body = {},
                  .after = own_role(run)};
  message.after.push_back({Purpose::record, statement});
  message.after.push_back({Purpose::commit, "COMMIT"});
  write(run, message, "its mark could not be changed");
}

}  // namespace

OutsideRun::OutsideRun(const Applying& what_applies, const Task& what_runs)
    : applying(what_applies),
      session(what_applies.session),
      dialect(what_applies.session.dialect()),
      rules(dialect.outside_rules()),
      task(what_runs),
      file(dialect, what_runs.sql()),
      mark{.version = what_runs.migration->version,
           .name = what_runs.migration->name,
           .checksum = what_runs.checksum(),
           .started_at = {},
           .statement_index = 1,
           .statements = std::max(1, static_cast<int>(file.size())),
           .backend_pid = 0} {}

std::string OutsideRun::place_of(std::size_t index) const {
  return task.where(place_of_byte(task.sql(), file.text(index).offset));
}

void begin_with_mark(OutsideRun& run, const std::string& recheck, const std::string& write_mark) {
  run.invalid_before = run.rules.invalid_indexes(run.session);
  run.guard = run.rules.guard(run.session, run.task);
  const Applying& applying = run.applying;
  Message message;
  if (applying.lock.lasts_a_run()) {
    for (std::string& setting :
         run.dialect.settings(applying.settings, SqlDialect::Scope::session)) {
      message.after.push_back({Purpose::setting, std::move(setting)});
    }
    add_statement(message.after, Purpose::proof, applying.lock.session_proof_statement());
    message.after.push_back({Purpose::record, write_mark});
  } else {
    for (std::string& reset : run.dialect.resets_before()) {
      message.before.push_back({Purpose::setting, std::move(reset)});
    }
    for (OwnStatement& own : applying.lock.opening()) message.before.push_back(std::move(own));
    message.before.push_back({Purpose::recheck, recheck});
    message.after = {{Purpose::record, write_mark}, {Purpose::commit, "COMMIT"}};
  }
  write(run, message, "nothing of it ran");
}

std::vector<OwnStatement> mark_statements(const OutsideRun& run, std::size_t index) {
  std::vector<OwnStatement> statements = own_role(run);
  add_statement(statements, Purpose::proof, run.applying.lock.session_proof_statement());
  statements.push_back({Purpose::record, run.applying.tracker.move_mark(
                                             run.mark.version, static_cast<int>(index) + 1)});
  return statements;
}

void advance_mark(OutsideRun& run, std::size_t index) {
  Message message{.before = {{Purpose::begin, run.dialect.begin_writing()}},
                  .body = {},
                  .after = mark_statements(run, index)};
  message.after.push_back({Purpose::commit, "COMMIT"});
  write(run, message,
        fmt::format(
            "its first {} statements ran; {}", index,
            remedy_of_stop(run.mark.version, run.mark.statement_index, {}, Left::unknown, {})));
  run.mark.statement_index = static_cast<int>(index) + 1;
}

void remove_mark(const OutsideRun& run) {
  write_after_failure(run, run.applying.tracker.delete_mark(run.mark.version));
}

void mark_as_refused(const OutsideRun& run) {
  write_after_failure(run, run.applying.tracker.mark_as_refused(run.mark.version));
}

}  // namespace gauntlet::runner
