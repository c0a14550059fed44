#include "harness/verify/rollback.h"

#include "harness/core/files.h"
#include "harness/verify/environment.h"
#include "harness/verify/failure.h"
#include "harness/verify/file_plan.h"
#include "harness/verify/pending.h"
#include "runner/postgres.h"
#include "runner/sql/lexer.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::verify {

namespace {

using core::Severity;
using formats::Delivery;

/// Reading the schema twice a file is too much for longer histories.
constexpr std::size_t compared_files_max = 300;
constexpr std::size_t objects_told_max = 3;

/// One line an object of the user's, in the caller's transaction.
constexpr std::string_view objects_query = R"(
SELECT 'schema ' || nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_'
UNION ALL SELECT CASE c.relkind WHEN 'i' THEN 'index ' WHEN 'I' THEN 'index ' WHEN 'S' THEN
  'sequence ' WHEN 'v' THEN 'view ' ELSE 'table ' END || c.oid::pg_catalog.regclass ||
  coalesce(' ' || pg_catalog.pg_get_indexdef(i.indexrelid), '')
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL SELECT 'column ' || c.oid::pg_catalog.regclass || '.' || a.attname || ' ' ||
  pg_catalog.format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE
  '' END || coalesce(' default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid), '')
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL SELECT 'constraint ' || o.conname || ' ' || pg_catalog.pg_get_constraintdef(o.oid)
  FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_namespace n ON n.oid = o.connamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL SELECT 'function ' || p.oid::pg_catalog.regprocedure || ' ' || pg_catalog.md5(p.prosrc)
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL SELECT 'type ' || t.oid::pg_catalog.regtype || ' ' || coalesce((SELECT
  pg_catalog.string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE
  e.enumtypid = t.oid), '') FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid =
  t.typnamespace WHERE t.typtype IN ('e', 'd') AND n.nspname !~ '^pg_' AND n.nspname <>
  'information_schema'
UNION ALL SELECT 'trigger ' || pg_catalog.pg_get_triggerdef(oid) FROM pg_catalog.pg_trigger
  WHERE NOT tgisinternal
)";

class RollbackCheck {
 public:
  explicit RollbackCheck(const Context& context)
      : context_(context),
        database_(context.arena->fresh("rollback")),
        session_(runner::connect_postgres(database_->address().conninfo(),
                                          {.application_name = "gauntlet rollback"})) {
    const auto& asked = context.options.checks;
    const bool is_asked = std::ranges::find(asked, "rollback") != asked.end();
    severity_ = is_asked ? Severity::violation : Severity::warning;
    session_->send(settings());
  }

  core::Result run() {
    const auto& migrations = context_.listing.migrations;
    for (std::size_t at = 0; at < migrations.size(); ++at) {
      if (context_.progress)
        context_.progress(fmt::format("rollback: {} of {}", at + 1, migrations.size()));
      if (!take(migrations[at])) break;
    }
    if (judged_ > 0) core::merge(result_.judgement, core::judged(std::move(findings_)));
    result_.notes.push_back(
        fmt::format("{} down files tried, each while its migration was the newest", judged_));
    return std::move(result_);
  }

 private:
  struct Refusal {
    bool happened = false;
    runner::ServerMessage said = {};
  };

  /// The texts of a migration's two files, to be sent inside a transaction.
  struct RoundTrip {
    std::string down = {}, up = {};
  };

  std::string settings() const {
    return fmt::format("RESET SESSION AUTHORIZATION;RESET ALL;SET statement_timeout = {}",
                       context_.options.statement_timeout.count());
  }

  /// Applies the migration for good, once its way down and up again was tried. False: the walk
  /// ends.
  bool take(const runner::Migration& migration) {
    const bool compares = migration.down && compared_ < compared_files_max;
    const std::set<std::string> before = compares ? objects() : std::set<std::string>();
    const FilePlan plan = plan_file(migration, context_.options.format, Ground::ephemeral);
    if (plan.refused) return ends_at(migration, plan.refused->why);
    if (const Refusal refusal = send(migration.up, plan.delivery); refusal.happened)
      return ends_at(migration, told(refusal.said));
    if (!migration.down) return true;
    const auto up = in_one_transaction(migration.up), down = in_one_transaction(*migration.down);
    if (plan.delivery == Delivery::by_statement || !up || !down) {
      result_.notes.push_back(fmt::format("{}: not judged, for it runs outside a transaction",
                                          name_of(*migration.down)));
      return true;
    }
    try_round_trip(migration, {.down = *down, .up = *up}, compares ? &before : nullptr);
    return true;
  }

  /// What a script does between the BEGIN and the COMMIT that stand around all of it, or without
  /// those the whole script. nullopt if it does not run in one transaction.
  static std::optional<std::string> in_one_transaction(const runner::Script& script) {
    std::string sql(script.sql());
    const runner::Split split = runner::split(sql);
    const auto& statements = split.statements;
    const auto controls = [](const runner::Statement& statement) {
      return runner::needs_of(statement.sql).transaction_control.has_value();
    };
    const bool is_framed = statements.size() > 1 && controls(statements.front()) &&
                           controls(statements.back()) && begins(statements.front()) &&
                           !begins(statements.back()) && !rolls_back(statements.back());
    const std::size_t own = is_framed ? 1 : 0;
    for (std::size_t at = own; at + own < statements.size(); ++at) {
      if (runner::needs_of(statements[at].sql).refuses_a_frame(statements.size() == 1))
        return std::nullopt;
    }
    if (!is_framed) return sql;
    for (const runner::Statement* frame : {&statements.front(), &statements.back()})
      std::fill_n(sql.begin() + static_cast<std::ptrdiff_t>(frame->offset), frame->sql.size(), ' ');
    return sql;
  }

  static bool begins(const runner::Statement& statement) {
    const std::string words = runner::upper(statement.sql);
    return words.starts_with("BEGIN") || words.starts_with("START");
  }

  static bool rolls_back(const runner::Statement& statement) {
    const std::string words = runner::upper(statement.sql);
    return words.starts_with("ROLLBACK") || words.starts_with("ABORT");
  }

  /// Down and up again in one transaction that is rolled back: what fails keeps no other file from
  /// being judged.
  void try_round_trip(const runner::Migration& migration, const RoundTrip& texts,
                      const std::set<std::string>* before) {
    ++judged_;
    session_->send("BEGIN");
    if (const Refusal down = run(texts.down); down.happened) {
      tell_failure("down-fails", migration, "fails", down.said);
    } else {
      session_->send(settings());
      if (before != nullptr) compare(migration, *before);
      if (const Refusal up = run(texts.up); up.happened)
        tell_failure("up-fails-after-down", migration,
                     "leaves a database on which its up file fails", up.said);
    }
    session_->send("ROLLBACK");
    session_->send(settings());
  }

  Refusal run(std::string_view sql) {
    try {
      session_->send(sql);
      session_->send("SET CONSTRAINTS ALL IMMEDIATE");
    } catch (const runner::SqlError& error) {
      if (error.connection_lost()) throw;
      return {.happened = true, .said = error.said()};
    }
    return {};
  }

  Refusal send(const runner::Script& script, Delivery delivery) {
    try {
      if (delivery == Delivery::by_statement) {
        for (const runner::Statement& statement : runner::split(script.sql()).statements)
          session_->send(statement.sql);
      } else if (delivery == Delivery::as_one_message) {
        session_->send(script.sql());
      } else {
        session_->send("BEGIN");
        session_->send(script.sql());
        session_->send("COMMIT");
      }
      session_->send(settings());
    } catch (const runner::SqlError& error) {
      if (error.connection_lost()) throw;
      return {.happened = true, .said = error.said()};
    }
    return {};
  }

  std::set<std::string> objects() {
    std::set<std::string> lines;
    for (const auto& row : session_->query(objects_query).rows)
      lines.insert(row.at(0).value_or(""));
    return lines;
  }

  void compare(const runner::Migration& migration, const std::set<std::string>& before) {
    ++compared_;
    const std::set<std::string> after = objects();
    std::vector<std::string> changes;
    const auto note = [&](const std::set<std::string>& from, const std::set<std::string>& to,
                          const char* mark) {
      for (const std::string& line : from)
        if (!to.contains(line)) changes.push_back(mark + line);
    };
    note(before, after, "- ");
    note(after, before, "+ ");
    if (changes.empty()) return;
    const std::size_t more =
        changes.size() > objects_told_max ? changes.size() - objects_told_max : 0;
    changes.resize(changes.size() - more);
    findings_.push_back(
        {.id = "down-does-not-restore",
         .message = fmt::format("{} leaves another schema than before its up file (- before, + "
                                "after): {}{}",
                                name_of(*migration.down), fmt::join(changes, "; "),
                                more > 0 ? fmt::format("; and {} more", more) : std::string()),
         .where = {.file = migration.down->file.string(), .version = migration.version.number},
         .fix = "undo in the down file what the up file does, or delete the down file",
         .severity = Severity::warning});
  }

  void tell_failure(const char* id, const runner::Migration& migration, const char* what,
                    const runner::ServerMessage& said) {
    if (blame(said) != Blame::migration) {
      core::merge(result_.judgement,
                  core::unknown(fmt::format("{}: {}", name_of(*migration.down), told(said))));
      return;
    }
    findings_.push_back(
        {.id = id,
         .message = fmt::format("{} {}: {}", name_of(*migration.down), what, told(said)),
         .where = {.file = migration.down->file.string(), .version = migration.version.number},
         .fix = "correct the down file, or delete it if nobody goes down",
         .severity = severity_});
  }

  bool ends_at(const runner::Migration& migration, const std::string& why) {
    const std::string file = name_of(migration.up);
    if (judged_ == 0)
      core::merge(result_.judgement,
                  core::unknown(fmt::format("{} cannot be applied: {}", file, why)));
    result_.notes.push_back(fmt::format("not judged from {} on, which cannot be applied", file));
    return false;
  }

  static std::string name_of(const runner::Script& script) {
    return core::name_in_messages(script.file);
  }

  const Context& context_;
  const std::unique_ptr<arena::Database> database_;
  const std::unique_ptr<runner::Session> session_;
  Severity severity_ = Severity::warning;
  std::size_t judged_ = 0, compared_ = 0;
  std::vector<core::Finding> findings_;
  core::Result result_{.id = "check/rollback"};
};

}  // namespace

core::Result rollback(const Context& context) {
  const auto& migrations = context.listing.migrations;
  const bool has_down = std::ranges::any_of(
      migrations, [](const runner::Migration& migration) { return migration.down.has_value(); });
  if (!has_down) {
    core::Result result{.id = "check/rollback"};
    result.judgement = core::not_applicable("no migration has a down file");
    return result;
  }
  core::Result result = RollbackCheck(context).run();
  result.subject = context.options.migrations.string();
  return result;
}

}  // namespace gauntlet::verify
