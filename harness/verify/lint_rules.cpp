#include "harness/verify/lint_rules.h"

#include "harness/verify/allowed.h"
#include "runner/sql/lexer.h"
#include "runner/sql/text_encoding.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::verify {
namespace {

using core::Finding;
using core::Severity;
using Findings = std::vector<Finding>;

Finding finding_at(const LintedFile& file, runner::Place place, std::string id) {
  return {.id = std::move(id),
          .message = {},
          .where = {.file = runner::printable(file.script.file.string()),
                    .line = place.line,
                    .column = place.column,
                    .version = file.version}};
}

/// Is `control` the end of a transaction that leaves none open?
bool ends_transaction(const std::string& control) {
  return control == "COMMIT" || control == "ROLLBACK" || control == "PREPARE TRANSACTION";
}

bool begins_transaction(const std::string& control) {
  return control == "BEGIN" || control == "START TRANSACTION";
}

/// COMMIT PREPARED and ROLLBACK PREPARED neither begin nor end the transaction they are sent in.
bool is_of_prepared(const runner::StatementNeeds& needs) {
  return needs.transaction_control && needs.transaction_control->ends_with(" PREPARED");
}

/// Follows the transactions that a file opens itself.
class OwnTransaction {
 public:
  bool open() const { return opened_by_ != nullptr; }
  const sql::StatementFacts* opened_by() const { return opened_by_; }

  void pass(const sql::StatementFacts& statement) {
    const auto& control = statement.needs.transaction_control;
    if (!control) return;
    if (begins_transaction(*control)) opened_by_ = &statement;
    if (ends_transaction(*control)) opened_by_ = nullptr;
  }

 private:
  const sql::StatementFacts* opened_by_ = nullptr;
};

/// Why this statement will be refused; nullopt if the tool sends it outside a transaction.
std::optional<std::string> why_in_transaction(const LintedFile& file, const OwnTransaction& own) {
  if (own.open())
    return fmt::format("it stands after the {} of line {}",
                       *own.opened_by()->needs.transaction_control, own.opened_by()->place.line);
  if (file.format.psql) return std::nullopt;  // it sends each statement by itself
  const std::size_t count = file.facts.statements.size();
  const bool is_one_message = file.format.marked == formats::Delivery::as_one_message;
  if (file.marked() && (!is_one_message || count == 1)) return std::nullopt;
  if (file.marked())
    return fmt::format("{} sends the {} statements of the file as one message", file.format.name,
                       count);
  if (file.format.lone_statement && count == 1) return std::nullopt;
  if (file.format.lone_statement)
    return fmt::format("it is one of {} statements of the file, which are sent as one", count);
  return "the file runs inside a transaction";
}

std::string no_transaction_fix(const LintedFile& file, const OwnTransaction& own) {
  if (own.open()) return "move it out of that transaction";
  return file.format.lone_statement || file.marked() ? "give it a file of its own"
                                                     : std::string(file.format.marker_fix);
}

void find_refused_in_transaction(const LintedFile& file, Findings& findings) {
  OwnTransaction own;
  for (const auto& statement : file.facts.statements) {
    own.pass(statement);
    if (!statement.needs.no_transaction) continue;
    const auto why = why_in_transaction(file, own);
    if (!why) continue;
    Finding finding = finding_at(file, statement.place, "needs-no-transaction");
    finding.message = fmt::format("{} cannot run inside a transaction, and {}: `{}`",
                                  *statement.needs.no_transaction, *why, statement.words);
    finding.fix = no_transaction_fix(file, own);
    findings.push_back(std::move(finding));
  }
}

/// A block that ends transactions: whether it comes so far is not known before it runs.
void find_blocks_that_commit(const LintedFile& file, Findings& findings) {
  if (file.format.own_transactions || file.marked()) return;
  for (const auto& statement : file.facts.statements) {
    const bool is_block =
        statement.needs.may_end_transaction && statement.words.size() > 2 &&
        (statement.words.starts_with("DO ") || statement.words.starts_with("do "));
    if (!is_block) continue;
    Finding finding = finding_at(file, statement.place, "needs-no-transaction");
    finding.severity = Severity::warning;
    finding.message = fmt::format(
        "the block says COMMIT or ROLLBACK, which fails inside the file's transaction: `{}`",
        statement.words);
    finding.fix = std::string(file.format.marker_fix);
    findings.push_back(std::move(finding));
  }
}

void find_transaction_control(const LintedFile& file, Findings& findings) {
  if (file.format.own_transactions || file.marked()) return;
  for (const auto& statement : file.facts.statements) {
    if (!statement.needs.transaction_control || is_of_prepared(statement.needs)) continue;
    Finding finding = finding_at(file, statement.place, "transaction-control");
    finding.message = fmt::format("{} stands in a file that the runner wraps in a transaction",
                                  *statement.needs.transaction_control);
    finding.fix =
        fmt::format("take it out, for the file is one transaction already; or {} to have none",
                    file.format.marker_fix);
    // What becomes of the tool's own COMMIT then is the tool's affair.
    if (!file.format.native) finding.severity = Severity::warning;
    findings.push_back(std::move(finding));
  }
}

Finding unbalanced(const LintedFile& file, const sql::StatementFacts& statement,
                   std::string message, std::string fix) {
  Finding finding = finding_at(file, statement.place, "unbalanced-transaction");
  finding.message = std::move(message);
  finding.fix = std::move(fix);
  finding.severity = Severity::warning;
  return finding;
}

void find_unbalanced(const LintedFile& file, Findings& findings) {
  if (!file.format.own_transactions && !file.marked()) return;
  OwnTransaction own;
  for (const auto& statement : file.facts.statements) {
    const auto& control = statement.needs.transaction_control;
    if (!control || is_of_prepared(statement.needs)) continue;
    if (begins_transaction(*control) == own.open())
      findings.push_back(unbalanced(file, statement,
                                    own.open()
                                        ? fmt::format("{} stands inside the transaction of line {}",
                                                      *control, own.opened_by()->place.line)
                                        : fmt::format("{} has no BEGIN before it", *control),
                                    "take it out, or add its counterpart"));
    own.pass(statement);
  }
  if (own.open())
    findings.push_back(unbalanced(
        file, *own.opened_by(),
        fmt::format("{} has no COMMIT after it: the transaction stays open when the file ends",
                    *own.opened_by()->needs.transaction_control),
        "add COMMIT at the end of the file"));
}

void find_copy(const LintedFile& file, Findings& findings) {
  if (file.format.psql) return;
  for (const auto& statement : file.facts.statements) {
    if (!statement.needs.copies_from_stdin) continue;
    Finding finding = finding_at(file, statement.place, "copy-from-stdin");
    finding.message = fmt::format("a migration has no input to copy from: `{}`", statement.words);
    finding.fix = "write the rows as INSERT statements";
    findings.push_back(std::move(finding));
  }
}

void find_psql_commands(const LintedFile& file, Findings& findings) {
  if (file.format.psql) return;
  for (const auto place : file.facts.psql_commands) {
    Finding finding = finding_at(file, place, "psql-command");
    finding.message = "the line is a command of psql, which the server does not know";
    finding.fix = "take the line out, or write it as SQL";
    findings.push_back(std::move(finding));
  }
}

Finding unknown_directive(const LintedFile& file, std::size_t offset,
                          const std::string& directive) {
  const auto place = runner::place_of_byte(file.script.sql(), offset);
  Finding finding = finding_at(file, place, "unknown-directive");
  const bool misplaced = directive == runner::no_transaction_directive;
  finding.message = fmt::format("`-- gauntlet: {}` means nothing", directive);
  if (misplaced) finding.message += " after the first statement";
  if (directive == runner::rebuild_directive) finding.message += " on PostgreSQL";
  finding.fix = misplaced ? std::string(file.format.marker_fix)
                          : "the directives on PostgreSQL are `-- gauntlet: no-transaction` and "
                            "`-- gauntlet: allow ID: reason`: correct the line, or take it out";
  return finding;
}

/// Also finds a directive that stands too late to be one, which would be passed over in silence.
void find_unknown_directives(const LintedFile& file, Findings& findings) {
  if (!file.format.marker || !file.format.native) return;
  runner::Lexer lexer(file.script.sql());
  bool header = true;
  while (const auto token = lexer.next()) {
    header = header && token->kind == runner::Token::Kind::comment;
    if (token->kind != runner::Token::Kind::comment) continue;
    const auto directive = runner::directive_in(token->text);
    if (!directive || allowance_in(*directive)) continue;
    if (!header || *directive != runner::no_transaction_directive)
      findings.push_back(unknown_directive(file, token->offset, *directive));
  }
}

/// One finding for all statements of a file that have the same effects: a dump has thousands.
Findings once_per_effect(const LintedFile& file,
                         std::vector<std::string> sql::StatementFacts::*effects,
                         const std::function<Finding(const sql::StatementFacts&)>& describe) {
  struct Seen {
    const sql::StatementFacts* first;
    std::size_t count;
  };
  std::map<std::vector<std::string>, Seen> seen;
  for (const auto& statement : file.facts.statements)
    if (!(statement.*effects).empty())
      ++seen.try_emplace(statement.*effects, Seen{&statement, 0}).first->second.count;
  Findings findings;
  for (const auto& [words, found] : seen) {
    findings.push_back(describe(*found.first));
    if (found.count > 1)
      findings.back().message += fmt::format(", and {} more such statements", found.count - 1);
  }
  return findings;
}

void find_survivors(const LintedFile& file, Findings& findings) {
  auto found = once_per_effect(
      file, &sql::StatementFacts::survives_rollback, [&](const sql::StatementFacts& statement) {
        Finding finding = finding_at(file, statement.place, "survives-rollback");
        finding.message =
            fmt::format("a rollback does not undo {}: `{}`",
                        fmt::join(statement.survives_rollback, ", "), statement.words);
        finding.fix = "make sure that the migration may fail after it and run again";
        finding.severity = Severity::warning;
        return finding;
      });
  std::move(found.begin(), found.end(), std::back_inserter(findings));
}

void find_cluster_wide(const LintedFile& file, Findings& findings) {
  auto found = once_per_effect(
      file, &sql::StatementFacts::cluster_wide, [&](const sql::StatementFacts& statement) {
        Finding finding = finding_at(file, statement.place, "cluster-wide");
        finding.message =
            fmt::format("{} acts on the whole server, not on this database alone: `{}`",
                        fmt::join(statement.cluster_wide, ", "), statement.words);
        finding.fix = "do it where servers are set up, unless every server is to have it";
        finding.severity = Severity::warning;
        return finding;
      });
  std::move(found.begin(), found.end(), std::back_inserter(findings));
}

}  // namespace

std::vector<Finding> lint_file(const LintedFile& file) {
  Findings findings;
  for (const auto rule : {find_unknown_directives, find_refused_in_transaction,
                          find_blocks_that_commit, find_transaction_control, find_unbalanced,
                          find_copy, find_psql_commands, find_survivors, find_cluster_wide})
    rule(file, findings);
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
  });
  return findings;
}

}  // namespace gauntlet::verify
