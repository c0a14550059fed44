#include "runner/apply/outside_failure.h"

#include "runner/apply/outside_left.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

int number_of(std::size_t index) { return static_cast<int>(index) + 1; }

// Inside a transaction of the file's own everything since its BEGIN is undone.
std::string remedy(const OutsideRun& run, std::size_t index, Left left, const std::string& words) {
  const std::size_t resumed = left == Left::unknown ? index : run.file.begin_of_transaction(index);
  return remedy_of_stop(run.mark.version, number_of(resumed), run.file.what(index), left, words);
}

ErrorSite site_in_file(const OutsideRun& run, const Message& message, std::size_t index,
                       const SqlError& error) {
  ErrorSite site = site_of(message, error, run.dialect);
  if (site.where == ErrorSite::Where::ours) return site;
  const Place start = place_of_byte(run.task.sql(), run.file.text(index).offset);
  if (site.place.line == 1) site.place.column += start.column - 1;
  site.place.line += start.line - 1;
  return site;
}

SqlError lost_under(const OutsideRun& run, const ErrorSite& site, const SqlError& error) {
  return failure_of(run.task, site, error, run.dialect,
                    "whether its running statement took effect is not known");
}

SqlError with_remedy(const SqlError& failure, const std::string& list, const std::string& fix) {
  return {Error(failure.code(), failure.message(), failure.where() + list, fix), failure.said(),
          failure.statements_completed()};
}

// Those that the file names, and those that were not INVALID before it ran.
std::vector<InvalidIndex> invalid_now(const OutsideRun& run) {
  const std::set<InvalidIndex> invalid = run.rules.invalid_indexes(run.session);
  std::vector<InvalidIndex> left = invalid_and_named(invalid, run.task.sql());
  for (const InvalidIndex& index : invalid) {
    const bool is_listed = std::ranges::find(left, index) != left.end();
    if (!run.invalid_before.contains(index) && !is_listed) left.push_back(index);
  }
  return left;
}

Error stopped_by(const OutsideRun& run, const Error& error, const std::string& at,
                 const std::string& fix) {
  if (run.session.transaction_status() != TransactionStatus::active) roll_back(run.session);
  return {error.code(), fmt::format("{} stopped at {}: {}", run.task.name(), at, error.message()),
          run.task.where(), fix};
}

Error invalid_index(const OutsideRun& run, const std::string& list, const std::string& fix) {
  return {"invalid-index",
          fmt::format("{} ran, but left an index INVALID; it was not recorded", run.task.name()),
          run.task.where() + list, fix};
}

void refuse_open_transaction(const OutsideRun& run) {
  if (run.session.transaction_status() == TransactionStatus::idle) return;
  roll_back(run.session);
  const bool nothing_remains = !run.took_effect && !run.mark.is_whole_file();
  if (nothing_remains) remove_mark(run);
  const std::string fix =
      nothing_remains
          ? fmt::format(
                "nothing of it remains; end the file's transaction with COMMIT, then run "
                "`{}` again",
                run.task.command())
          : "end the file's transaction with COMMIT; " +
                (run.mark.is_whole_file() ? remedy_of_whole_file(run.mark.version)
                                          : forget_remedy(run.mark.version));
  throw Error("open-transaction",
              fmt::format("{} left a transaction open; it was rolled back, and the migration was "
                          "not recorded",
                          run.task.name()),
              run.task.where(), fix);
}

// Nobody reads the rows of a PRAGMA foreign_key_check that a file ends with.
void refuse_harm(const OutsideRun& run) {
  const auto harm = run.guard ? run.guard->harm() : std::nullopt;
  if (!harm) return;
  throw Error(harm->code,
              fmt::format("{} ran, but {}; it was not recorded", run.task.name(), harm->what),
              run.task.where() + harm->list,
              fmt::format("repair it by hand ({}), then {}", harm->fix, remedy_at_end(run)));
}

}  // namespace

SqlError failure_at_statement(const OutsideRun& run, std::size_t index, const Message& message,
                              const SqlError& error) {
  const ErrorSite site = site_in_file(run, message, index, error);
  if (error.connection_lost()) return lost_under(run, site, error);
  roll_back(run.session);
  const OutsideStatement& what = run.file.what(index);
  const ObjectFound found = run.rules.look_up(run.session, what);
  const std::vector<InvalidIndex> invalid = invalid_now(run);
  const Left left =
      left_by_failing(what, run.found_before, found, invalid.empty(), error, run.dialect);
  if (left == Left::nothing && !run.took_effect) {
    remove_mark(run);
    return failure_of(run.task, site, error, run.dialect, "nothing of it remains");
  }
  if (left == Left::nothing) mark_as_refused(run);
  const std::string list =
      found.finish.empty() ? list_of(invalid) : "\n         " + found.words + ": " + found.finish;
  return with_remedy(
      failure_of(run.task, site, error, run.dialect, ""), list,
      fmt::format("it stopped at statement {} of {}\n         {}{}\n         {}", number_of(index),
                  run.mark.statements, left == Left::unknown ? "" : "remove the cause, then ",
                  remedy(run, index, left, found.words), forget_remedy(run.mark.version)));
}

SqlError failure_of_whole_file(const OutsideRun& run, const SqlError& error) {
  const ErrorSite site =
      site_of({.before = {}, .body = run.task.sql(), .after = {}}, error, run.dialect);
  if (error.connection_lost()) return lost_under(run, site, error);
  roll_back(run.session);
  const std::vector<InvalidIndex> invalid = invalid_now(run);
  if (invalid.empty() &&
      run.rules.committed_nothing(run.task.sql(), error.statements_completed())) {
    remove_mark(run);
    return failure_of(run.task, site, error, run.dialect, "nothing of it remains");
  }
  return with_remedy(failure_of(run.task, site, error, run.dialect, ""), list_of(invalid),
                     remedy_of_whole_file(run.mark.version));
}

Error stopped_at_statement(const OutsideRun& run, std::size_t index, const Error& error,
                           Left left) {
  return stopped_by(run, error,
                    fmt::format("statement {} of {}", number_of(index), run.mark.statements),
                    remedy(run, index, left, {}));
}

Error stopped_whole_file(const OutsideRun& run, const Error& error) {
  return stopped_by(run, error, "the file, sent whole", remedy_of_whole_file(run.mark.version));
}

Error left_invalid(const OutsideRun& run, std::size_t index, const ObjectFound& found) {
  std::string list = "\n         " + found.words;
  if (!found.repairs.empty()) list += ": " + found.repairs.front();
  return invalid_index(run, list, remedy(run, index, Left::half, found.words));
}

void refuse_to_record(const OutsideRun& run) {
  refuse_open_transaction(run);
  const auto invalid = invalid_and_named(run.rules.invalid_indexes(run.session), run.task.sql());
  if (!invalid.empty()) {
    throw invalid_index(run, list_of(invalid), "drop it and create it again");
  }
  refuse_harm(run);
}

std::string remedy_at_end(const OutsideRun& run) {
  return fmt::format("`gauntlet-migrate resume {} --from end` records it", run.mark.version.number);
}

}  // namespace gauntlet::runner
