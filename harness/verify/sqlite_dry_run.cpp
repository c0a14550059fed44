#include "harness/verify/sqlite_dry_run.h"

#include "harness/core/files.h"
#include "harness/verify/failure.h"
#include "harness/verify/pending.h"
#include "harness/verify/sqlite_plain.h"
#include "runner/apply.h"
#include "runner/sqlite.h"
#include "runner/values/error.h"

#include <charconv>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

AppliedState state_of_file(const Context& context) {
  const auto session = connect_unbounded(context.arena->given(), "gauntlet dry-run");
  return applied_state(context, *session);
}

/// Turns `path/002_x.up.sql:3:7` at the beginning of an error's place into numbers.
void take_place(const std::string& where, core::Finding& finding) {
  const std::size_t file = where.find(finding.where.file + ":");
  if (finding.where.file.empty() || file == std::string::npos) return;
  const char* at = where.data() + file + finding.where.file.size() + 1;
  const char* end = where.data() + where.size();
  int line = 0, column = 0;
  const auto read = std::from_chars(at, end, line);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != ':') return;
  if (std::from_chars(read.ptr + 1, end, column).ec != std::errc()) return;
  finding.where.line = line;
  finding.where.column = column;
}

std::string id_of(const runner::Error& error) {
  if (error.code() == "dangling-rows") return "dangling-references";
  if (error.code() == "broken-schema") return "broken-schema";
  const auto* refused = dynamic_cast<const runner::SqlError*>(&error);
  const bool loses =
      refused != nullptr && refused->said().message.ends_with("through foreign keys");
  return loses ? "rows-lost" : "migration-fails";
}

core::Finding finding_of_file(const runner::Migration& migration, const runner::Error& error) {
  core::Finding finding{
      .id = id_of(error),
      .message = error.message(),
      .where = {.file = migration.up.file.string(), .version = migration.version.number},
      .fix = error.fix()};
  take_place(error.where(), finding);
  if (finding.where.line == 0 && !error.where().empty()) finding.message += "\n" + error.where();
  return finding;
}

/// One application of the pending files to one throwaway file.
class FileTrial {
 public:
  FileTrial(const Context& context, const std::vector<const runner::Migration*>& pending)
      : context_(context) {
    for (const runner::Migration* migration : pending) listing_.migrations.push_back(*migration);
    for (const runner::Migration& migration : listing_.migrations)
      files_.push_back({.file = core::name_in_messages(migration.up.file),
                        .version = migration.version.number,
                        .what = core::FileOutcome::What::not_judged,
                        .why = "not reached"});
  }

  /// A guard of gauntlet-migrate's stopped it, which another tool does not have.
  bool is_guarded() const { return is_guarded_; }

  void run(const arena::Database& database, core::Result& result) {
    const auto sessions = runner::sqlite_sessions(database.address().conninfo());
    runner::RunOptions options;
    // Another tracker than the file's own: only what is pending is in the list.
    options.tracker = {.table = "gauntlet_dry_run", .legacy_table = "gauntlet_no_such_table"};
    options.statement_timeout = context_.options.statement_timeout;
    if (context_.options.format.runner_mode == "auto")
      options.no_transaction = runner::NoTransaction::automatic;
    try {
      runner::up(*sessions, listing_, options,
                 [this](const runner::Event& event) { observe_event(event); });
      core::merge(result.judgement, core::judged({}));
    } catch (const runner::Error& error) {
      fail(error, result);
    }
    result.files = std::move(files_);
  }

 private:
  void observe_event(const runner::Event& event) {
    if (const auto* started = std::get_if<runner::MigrationStarted>(&event)) {
      running_ = started->number - 1;
      context_.progress(
          fmt::format("dry-run: {} of {}: {}", started->number, started->count, started->name));
    }
    const auto* finished = std::get_if<runner::MigrationFinished>(&event);
    if (finished == nullptr || !running_) return;
    files_[*running_].what = core::FileOutcome::What::ok;
    files_[*running_].why.clear();
    files_[*running_].seconds = finished->took;
    running_.reset();
  }

  void fail(const runner::Error& error, core::Result& result) {
    if (!running_) {
      core::merge(result.judgement, core::unknown(reason_of(error)));
      return;
    }
    const runner::Migration& migration = listing_.migrations[*running_];
    files_[*running_].what = core::FileOutcome::What::failed;
    files_[*running_].why.clear();
    for (std::size_t after = *running_ + 1; after < files_.size(); ++after)
      files_[after].why = fmt::format("follows {}", migration.version.number);
    core::Finding finding = finding_of_file(migration, error);
    // Another tool's connection may enforce no foreign keys, and looks for no broken object.
    is_guarded_ = finding.id != "migration-fails" &&
                  (context_.options.runner || !context_.options.format.native);
    if (is_guarded_) {
      finding.severity = core::Severity::warning;
      finding.message += " (gauntlet-migrate stops there; what another tool does, `boot` shows)";
    }
    core::merge(result.judgement, core::judged({std::move(finding)}));
  }

  const Context& context_;
  runner::Listing listing_;
  std::vector<core::FileOutcome> files_;
  std::optional<std::size_t> running_;
  bool is_guarded_ = false;
};

/// The same files on another copy, with nothing on guard.
void try_unguarded(const arena::Database& database,
                   const std::vector<const runner::Migration*>& pending, core::Result& result) {
  const PlainApplication plain = apply_to_file(database, pending, ForeignKeys::not_enforced);
  if (plain.left) {
    for (core::FileOutcome& file : result.files) {
      file.what = core::FileOutcome::What::ok;
      file.why.clear();
    }
    return;
  }
  core::merge(result.judgement,
              core::judged({{.id = "migration-fails",
                             .message = plain.failed,
                             .fix = "correct the file, or put the change in a new one"}}));
}

}  // namespace

core::Result sqlite_dry_run(const Context& context) {
  core::Result result{.id = "check/dry-run", .subject = subject_name(context.options)};
  const AppliedState state = state_of_file(context);
  result.notes = state.notes;
  if (const std::string why = why_not_started(state); !why.empty()) {
    result.judgement = core::unknown(why);
    return result;
  }
  const auto pending = pending_of(context, state);
  if (pending.empty()) {
    result.judgement = core::judged({});
    result.notes.emplace_back("nothing is pending");
    return result;
  }
  const bool is_given = !context.arena->is_ephemeral();
  const auto another = [&] {
    return is_given ? context.arena->copy_of_given({}).database : context.arena->fresh("dry-run");
  };
  if (is_given) result.notes.emplace_back("applied to a copy of the file, one transaction a file");
  FileTrial trial(context, pending);
  trial.run(*another(), result);
  if (trial.is_guarded()) try_unguarded(*another(), pending, result);
  return result;
}

}  // namespace gauntlet::verify
