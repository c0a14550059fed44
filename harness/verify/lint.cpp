#include "harness/verify/lint.h"

#include "harness/sql/migration_facts.h"
#include "harness/verify/lint_rules.h"
#include "harness/verify/sqlite_checks.h"
#include "harness/verify/sqlite_lint.h"
#include "runner/sql/text_encoding.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {
namespace {

using core::Finding;
using core::Severity;

/// A file that a runner passes over in silence is a broken deploy, whatever the runner thinks of
/// it.
Severity severity_of(const runner::Problem& problem, const Options& options) {
  const bool violates = problem.severity == runner::Problem::Severity::error ||
                        (problem.id == "unrecognized-file" && !options.runner);
  return violates ? Severity::violation : Severity::warning;
}

Finding finding_of(const runner::Problem& problem, const Options& options) {
  Finding finding{.id = problem.id,
                  .message = problem.message,
                  .fix = problem.fix,
                  .severity = severity_of(problem, options)};
  if (!problem.files.empty())
    finding.where.file = runner::printable(problem.files.front().string());
  if (problem.version) finding.where.version = problem.version->number;
  if (problem.place) {
    finding.where.line = problem.place->line;
    finding.where.column = problem.place->column;
  }
  return finding;
}

/// A deploy runs no down file: as in `rollback`, they are accused only if that was asked for.
bool is_asked_to_roll_back(const Options& options) {
  return std::ranges::find(options.checks, "rollback") != options.checks.end();
}

void lint_script(const Context& context, const runner::Migration& migration,
                 const runner::Script& script, core::Result& result) {
  const sql::MigrationFacts facts = sql::facts_of(script);
  auto findings = lint_file({.script = script,
                             .facts = facts,
                             .format = context.options.format,
                             .version = migration.version.number});
  const bool is_down = migration.down && &script == &*migration.down;
  if (is_down && !is_asked_to_roll_back(context.options))
    for (Finding& finding : findings) finding.severity = Severity::warning;
  std::move(findings.begin(), findings.end(), std::back_inserter(result.judgement.findings));
  if (facts.split_by == runner::SplitBy::neither)
    result.notes.push_back(
        fmt::format("{}: a quote or a comment is never closed, so its statements were not judged",
                    runner::printable(script.file.string())));
}

bool is_violation(const Finding& finding) { return finding.severity == Severity::violation; }

void tell_progress(const Context& context, const std::string& text) {
  if (context.progress) context.progress(text);
}

}  // namespace

core::Result lint(const Context& context) {
  core::Result result;
  result.id = "check/lint";
  result.subject = context.options.migrations.string();
  result.notes = context.layout_notes;
  for (const auto& problem : context.listing.problems)
    result.judgement.findings.push_back(finding_of(problem, context.options));
  if (is_sqlite(context.options)) {
    auto found = lint_for_sqlite(context);
    std::move(found.begin(), found.end(), std::back_inserter(result.judgement.findings));
  }
  for (const auto& migration : context.listing.migrations) {
    if (is_sqlite(context.options)) break;
    tell_progress(context, "lint: " + runner::to_string(migration));
    lint_script(context, migration, migration.up, result);
    if (migration.down) lint_script(context, migration, *migration.down, result);
  }
  const auto& findings = result.judgement.findings;
  const bool violated = std::any_of(findings.begin(), findings.end(), is_violation);
  if (violated) {
    result.judgement.verdict = core::Verdict::violated;
  } else if (context.listing.migrations.empty()) {
    result.judgement.verdict = core::Verdict::unknown;
    result.judgement.reason =
        fmt::format("{} holds no migration", runner::printable(result.subject));
  } else {
    result.judgement.verdict = core::Verdict::holds;
  }
  return result;
}

const std::vector<LintFinding>& lint_finding_ids() {
  static const std::vector<LintFinding> ids = {
      {"unparseable-name", "a migration's file name has no version number and `_` in front"},
      {"empty-name", "a migration's file name has no description"},
      {"version-too-large", "a version is larger than 9223372036854775807"},
      {"duplicate-version", "two up files have one version"},
      {"duplicate-down", "two down files have one version"},
      {"down-without-up", "a down file has no up file"},
      {"names-differ", "the up and the down file of a version are described differently"},
      {"unrecognized-file", "a file looks like a migration, and a runner would pass over it"},
      {"not-utf8", "a file is not UTF-8 text"},
      {"nul-byte", "a file holds a NUL byte, where a runner would stop reading"},
      {"unknown-directive", "a `-- gauntlet:` comment means nothing, or stands too late"},
      {"needs-no-transaction", "a statement cannot run inside the transaction that it would get"},
      {"transaction-control", "a file says BEGIN or COMMIT inside the runner's own transaction"},
      {"unbalanced-transaction", "a BEGIN has no COMMIT, or a COMMIT no BEGIN"},
      {"copy-from-stdin", "a COPY waits for data that nobody sends"},
      {"psql-command", "a line is a command of psql, not SQL"},
      {"survives-rollback", "a statement has an effect that a rollback does not undo"},
      {"cluster-wide", "a statement acts on the whole server, not on its database alone"},
  };
  return ids;
}

}  // namespace gauntlet::verify
