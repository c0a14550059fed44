#include "harness/verify/sqlite_plain.h"

#include "harness/observe/observe.h"
#include "runner/sql/statement_sqlite.h"
#include "runner/sqlite.h"
#include "runner/values/error.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

void set_foreign_keys(runner::Session& session, bool on) {
  session.send(on ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF");
}

/// Does the file begin a transaction itself, or say that it wants none?
bool runs_unframed(std::string_view sql) {
  if (runner::directives_of(sql).no_transaction) return true;
  const auto statements = runner::split_sqlite(sql).statements;
  return std::ranges::any_of(statements, [](const runner::Statement& statement) {
    return runner::needs_of_sqlite(statement.sql).transaction_control.has_value();
  });
}

void apply_file(runner::Session& session, std::string_view sql, ForeignKeys foreign_keys) {
  const bool rebuilds = runner::directives_of(sql).rebuild;
  const bool enforced = foreign_keys == ForeignKeys::enforced;
  set_foreign_keys(session, enforced && !rebuilds);
  if (runs_unframed(sql)) {
    session.send(sql);
    return;
  }
  session.send("BEGIN");
  session.send(sql);
  session.send("COMMIT");
}

/// False: the file failed, and `plain` says how.
bool apply_one(const arena::Database& database, const runner::Migration& file,
               ForeignKeys foreign_keys, PlainApplication& plain) {
  const auto session = runner::connect_sqlite(database.address().conninfo());
  try {
    apply_file(*session, file.up.sql(), foreign_keys);
    return true;
  } catch (const runner::SqlError& error) {
    const std::string name = file.up.file.filename().string();
    plain.failed = fmt::format("{}: {}", name, error.said().message);
    plain.loses_rows = error.said().message.ends_with(" through foreign keys");
    if (plain.loses_rows) plain.losing_file = name;
    return false;
  }
}

}  // namespace

PlainApplication apply_to_file(const arena::Database& database,
                               const std::vector<const runner::Migration*>& files,
                               ForeignKeys foreign_keys, const std::vector<StepBetween>& between) {
  PlainApplication plain;
  auto step = between.begin();
  const auto do_steps_before = [&](std::int64_t version) {
    for (; step != between.end() && step->version < version; ++step) {
      const std::string why = step->run(database);
      if (why.empty()) continue;
      plain.not_alone = fmt::format("{}: {}", step->name, why);
      plain.failed = plain.not_alone;
      return false;
    }
    return true;
  };
  for (const runner::Migration* file : files) {
    if (!do_steps_before(file->version.number)) return plain;
    if (!apply_one(database, *file, foreign_keys, plain)) return plain;
  }
  if (!do_steps_before(std::numeric_limits<std::int64_t>::max())) return plain;
  plain.left = observe::snapshot(database.address(), {.is_ours = true});
  return plain;
}

RowCounts row_counts(const core::Snapshot& snapshot) {
  RowCounts counts;
  if (!snapshot.data) return counts;
  for (const auto& [table, data] : *snapshot.data) counts.emplace(table, data.rows);
  return counts;
}

RowCounts dangling_references(const arena::Address& file) {
  RowCounts counts;
  const auto session = runner::connect_sqlite(file.conninfo());
  // A key whose parent has no unique index is an error of the check itself; those that the files
  // declare rightly are still counted by the table.
  for (const auto& table : session
                               ->query("SELECT DISTINCT m.name FROM main.sqlite_master m,"
                                       " pragma_foreign_key_list(m.name) WHERE m.type = 'table'")
                               .rows) {
    try {
      const auto rows = session->query(
          "SELECT c.\"table\" || ' (' || (SELECT group_concat(k.\"from\", ', ') FROM"
          " pragma_foreign_key_list(c.\"table\") k WHERE k.id = c.fkid) || ') to ' || c.parent,"
          " count(*) FROM pragma_foreign_key_check($1) c GROUP BY c.\"table\", c.fkid, c.parent",
          {table.front()});
      for (const auto& row : rows.rows)
        counts[row[0].value_or("")] = std::stoll(row[1].value_or("0"));
    } catch (const runner::SqlError& error) {
      if (error.said().sqlite_code != "SQLITE_ERROR") throw;
    }
  }
  return counts;
}

}  // namespace gauntlet::verify
