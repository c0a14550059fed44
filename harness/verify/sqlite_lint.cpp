#include "harness/verify/sqlite_lint.h"

#include "harness/arena/file_arena.h"
#include "runner/sql/lexer.h"
#include "runner/sql/statement_sqlite.h"
#include "runner/sql/text_encoding.h"
#include "runner/sqlite.h"
#include "runner/values/error.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::verify {

namespace {

constexpr std::string_view no_transaction_fix_sqlite =
    "make `-- gauntlet: no-transaction` the first line of the file; for a table's rebuild, "
    "`-- gauntlet: rebuild`";
constexpr std::size_t words_max = 60;

std::string beginning_of(std::string_view statement) {
  std::string words(statement.substr(0, words_max));
  std::ranges::replace(words, '\n', ' ');
  return statement.size() > words_max ? words + " …" : words;
}

/// `near "AUTO": syntax error`: what SQLite's grammar refuses whatever the schema is.
bool is_syntax_error(const runner::ServerMessage& said) {
  return said.sqlite_code == "SQLITE_ERROR" &&
         (said.message.ends_with("syntax error") || said.message == "incomplete input" ||
          said.message.starts_with("unrecognized token"));
}

/// Tables with a foreign key on `table` whose rows a DROP TABLE of it deletes or empties.
std::vector<std::string> children_at_risk(runner::Session& session, const std::string& table) {
  std::vector<std::string> children;
  for (const auto& row :
       session
           .query("SELECT DISTINCT m.name FROM main.sqlite_master m,"
                  " pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
                  " AND f.\"table\" = $1 COLLATE NOCASE AND m.name <> $1 COLLATE NOCASE"
                  " AND f.on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT') ORDER BY 1",
                  {table})
           .rows)
    children.push_back(row.front().value_or(""));
  return children;
}

bool has_table_named(runner::Session& session, const std::string& table) {
  return !session
              .query(
                  "SELECT 1 FROM main.sqlite_master WHERE type = 'table'"
                  " AND name = $1 COLLATE NOCASE",
                  {table})
              .rows.empty();
}

bool enforces_foreign_keys(runner::Session& session) {
  return session.query("PRAGMA foreign_keys").rows.at(0).at(0) == "1";
}

/// Applies the files to an empty file, one after the other, and looks at each statement before it.
class SqliteLinter {
 public:
  explicit SqliteLinter(const Context& context)
      : context_(context),
        files_(arena::open_files()),
        shadow_(files_->fresh("lint")),
        session_(runner::connect_sqlite(shadow_->address().conninfo())) {}

  std::vector<core::Finding> run() {
    for (const runner::Migration& migration : context_.listing.migrations) {
      lint_script(migration, migration.up);
      pass(migration);
      if (migration.down) {
        lint_script(migration, *migration.down);
        compile(migration, *migration.down);
      }
    }
    return std::move(findings_);
  }

 private:
  struct Dropped {
    std::string table;
    std::vector<std::string> children;
    core::Finding finding;
  };

  core::Finding& add(const runner::Migration& migration, const runner::Script& script,
                     std::size_t offset, std::string id) {
    findings_.push_back(finding_in(migration, script, offset, std::move(id)));
    return findings_.back();
  }

  static core::Finding finding_in(const runner::Migration& migration, const runner::Script& script,
                                  std::size_t offset, std::string id) {
    const runner::Place place = runner::place_of_byte(script.sql(), offset);
    return {.id = std::move(id),
            .message = {},
            .where = {.file = runner::printable(script.file.string()),
                      .line = place.line,
                      .column = place.column,
                      .version = migration.version.number}};
  }

  /// What the text alone tells.
  void lint_script(const runner::Migration& migration, const runner::Script& script) {
    const runner::Directives directives = runner::directives_of(script.sql());
    const bool is_marked = context_.options.format.marker && directives.no_transaction;
    find_directives(migration, script);
    for (const auto& statement : runner::split_sqlite(script.sql()).statements) {
      if (statement.sql.starts_with('.')) {
        core::Finding& finding = add(migration, script, statement.offset, "shell-command");
        finding.message = fmt::format("the line is a command of the sqlite3 program, not SQL: `{}`",
                                      beginning_of(statement.sql));
        finding.fix = "take the line out, or write it as SQL";
        continue;
      }
      const runner::StatementNeeds needs = runner::needs_of_sqlite(statement.sql);
      if (is_marked) continue;
      if (needs.no_transaction) refuse_frame(migration, script, statement, *needs.no_transaction);
      if (needs.transaction_control)
        refuse_control(migration, script, statement, *needs.transaction_control);
    }
  }

  void refuse_frame(const runner::Migration& migration, const runner::Script& script,
                    const runner::Statement& statement, const std::string& words) {
    core::Finding& finding = add(migration, script, statement.offset, "needs-no-transaction");
    finding.message =
        fmt::format("{} does nothing or fails inside a transaction, and the file runs in one: `{}`",
                    words, beginning_of(statement.sql));
    finding.fix = context_.options.format.native ? std::string(no_transaction_fix_sqlite)
                                                 : std::string(context_.options.format.marker_fix);
    // Another tool may run the file outside one: only its own run shows that. There a PRAGMA is
    // passed over in silence, where gauntlet-migrate refuses it.
    const bool is_passed_over = !context_.options.format.native && runner::is_pragma(statement.sql);
    if (context_.options.runner || is_passed_over) finding.severity = core::Severity::warning;
  }

  void refuse_control(const runner::Migration& migration, const runner::Script& script,
                      const runner::Statement& statement, const std::string& words) {
    core::Finding& finding = add(migration, script, statement.offset, "transaction-control");
    finding.message =
        fmt::format("{} stands in a file that the runner wraps in a transaction", words);
    finding.fix = "take it out, for the file is one transaction already";
    if (context_.options.runner || !context_.options.format.native)
      finding.severity = core::Severity::warning;
  }

  void find_directives(const runner::Migration& migration, const runner::Script& script) {
    if (!context_.options.format.native) return;
    for (const std::string& unknown : runner::directives_of(script.sql()).unknown) {
      core::Finding& finding = add(migration, script, 0, "unknown-directive");
      finding.message = fmt::format("`-- gauntlet: {}` means nothing on SQLite", unknown);
      finding.fix =
          "the directives on SQLite are `-- gauntlet: no-transaction` and `-- gauntlet: rebuild`: "
          "correct the line, or take it out";
    }
  }

  /// Runs the file as its runner would, and stops at its first error: what else is wrong, a dry run
  /// tells.
  void pass(const runner::Migration& migration) {
    context_.progress("lint: " + runner::to_string(migration));
    const std::string_view sql = migration.up.sql();
    const runner::Directives directives = runner::directives_of(sql);
    session_->send(directives.rebuild ? "PRAGMA foreign_keys = OFF" : "PRAGMA foreign_keys = ON");
    const bool framed = !directives.no_transaction;
    if (framed) session_->send("BEGIN");
    std::vector<Dropped> dropped;
    for (const auto& statement : runner::split_sqlite(sql).statements) {
      note_drop(migration, statement, dropped);
      if (!pass_statement(migration, migration.up, statement)) break;
    }
    for (Dropped& drop : dropped) judge_drop(std::move(drop));
    if (session_->transaction_status() != runner::TransactionStatus::idle) session_->send("COMMIT");
  }

  void note_drop(const runner::Migration& migration, const runner::Statement& statement,
                 std::vector<Dropped>& dropped) {
    const auto table = runner::dropped_table(statement.sql);
    if (!table || !enforces_foreign_keys(*session_)) return;
    auto children = children_at_risk(*session_, table->name);
    if (children.empty()) return;
    dropped.push_back(
        {.table = table->name,
         .children = std::move(children),
         .finding = finding_in(migration, migration.up, statement.offset, "rebuild-drops-rows")});
  }

  /// A rebuild: the table is there again when the file ends, and so are those that refer to it.
  void judge_drop(Dropped drop) {
    if (!has_table_named(*session_, drop.table)) return;
    std::erase_if(drop.children,
                  [this](const std::string& child) { return !has_table_named(*session_, child); });
    if (drop.children.empty()) return;
    drop.finding.message = fmt::format(
        "DROP TABLE {} deletes or empties the rows of {} that refer to it, if foreign keys are "
        "enforced; the table is made anew, those rows are not",
        drop.table, fmt::join(drop.children, ", "));
    drop.finding.fix =
        "make `-- gauntlet: rebuild` the first line of the file; with another runner, switch "
        "foreign keys off on its connection before the transaction begins";
    if (context_.options.runner || !context_.options.format.native)
      drop.finding.severity = core::Severity::warning;
    findings_.push_back(std::move(drop.finding));
  }

  bool pass_statement(const runner::Migration& migration, const runner::Script& script,
                      const runner::Statement& statement) {
    try {
      session_->send(statement.sql);
      return true;
    } catch (const runner::SqlError& error) {
      if (!is_syntax_error(error.said()) || statement.sql.starts_with('.')) return false;
      core::Finding& finding = add(migration, script, statement.offset, "not-sqlite");
      finding.message = fmt::format("SQLite's grammar does not have this statement: {}: `{}`",
                                    error.said().message, beginning_of(statement.sql));
      finding.fix = "write it in SQLite's SQL (https://www.sqlite.org/lang.html)";
      return false;
    }
  }

  /// A down file is compiled and not run.
  void compile(const runner::Migration& migration, const runner::Script& script) {
    for (const auto& statement : runner::split_sqlite(script.sql()).statements) {
      const std::string explained = fmt::format("EXPLAIN {}", statement.sql);
      const bool can_explain = !runner::sets_connection(statement.sql) &&
                               !runner::needs_of_sqlite(statement.sql).transaction_control;
      if (!can_explain || statement.sql.starts_with('.')) continue;
      try {
        session_->send(explained);
      } catch (const runner::SqlError& error) {
        if (!is_syntax_error(error.said())) continue;
        core::Finding& finding = add(migration, script, statement.offset, "not-sqlite");
        finding.message = fmt::format("SQLite's grammar does not have this statement: {}: `{}`",
                                      error.said().message, beginning_of(statement.sql));
        finding.fix = "write it in SQLite's SQL (https://www.sqlite.org/lang.html)";
      }
    }
  }

  const Context& context_;
  std::unique_ptr<arena::Arena> files_;
  std::unique_ptr<arena::Database> shadow_;
  std::unique_ptr<runner::Session> session_;
  std::vector<core::Finding> findings_;
};

}  // namespace

std::vector<core::Finding> lint_for_sqlite(const Context& context) {
  return SqliteLinter(context).run();
}

const std::vector<LintFinding>& sqlite_lint_finding_ids() {
  static const std::vector<LintFinding> ids = {
      {"not-sqlite", "SQLite's grammar does not have a statement"},
      {"shell-command", "a line is a command of the sqlite3 program, not SQL"},
      {"rebuild-drops-rows", "a table is dropped and made anew, and rows that refer to it go"},
  };
  return ids;
}

}  // namespace gauntlet::verify
