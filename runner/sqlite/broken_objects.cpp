#include "runner/sqlite/broken_objects.h"

#include "runner/sql/lexer.h"
#include "runner/sql/statement_sqlite.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

struct SchemaTrigger {
  std::string name, sql;
};

// The triggers of one table or view that one event fires: SQLite compiles them together.
using TriggerEvent = std::pair<std::string, std::string>;  // table, `INSERT`
using TriggersByEvent = std::map<TriggerEvent, std::vector<SchemaTrigger>>;

TriggersByEvent triggers_of(Session& session) {
  const Result result =
      session.send("SELECT tbl_name, name, sql FROM main.sqlite_master WHERE type = 'trigger'")
          .front();
  TriggersByEvent triggers;
  for (const auto& row : result.rows) {
    const SchemaTrigger trigger{row[1].value_or(""), row[2].value_or("")};
    triggers[{row[0].value_or(""), trigger_event(trigger.sql)}].push_back(trigger);
  }
  return triggers;
}

std::string statement_of(Session& session, const TriggerEvent& event) {
  const auto& [target, what] = event;
  const std::string table = "main." + session.identifier(target);
  if (what == "INSERT") return fmt::format("INSERT INTO {} DEFAULT VALUES", table);
  if (what == "DELETE") return "DELETE FROM " + table;
  const Result columns =
      session.send("SELECT name FROM pragma_table_info(" + session.literal(target) + ")").front();
  std::string set;
  for (const auto& row : columns.rows) {
    const std::string column = session.identifier(row[0].value_or(""));
    set += fmt::format("{}{} = {}", set.empty() ? "" : ", ", column, column);
  }
  return fmt::format("UPDATE {} SET {}", table, set);
}

// Why it does not compile; empty if it does.
std::string refusal_of(Session& session, const std::string& statement) {
  try {
    session.send("EXPLAIN " + statement);
    return {};
  } catch (const SqlError& error) {
    if (error.said().sqlite_code != "SQLITE_ERROR") throw;
    return error.said().message;
  }
}

// `no such table: main.events_old`: the name that a trigger of several would have to mention.
std::string last_name_in(const std::string& refusal) {
  const std::size_t space = refusal.find_last_of(" .:");
  return space == std::string::npos ? refusal : refusal.substr(space + 1);
}

void note(Compiled& found, const std::string& what, const std::string& refusal) {
  if (refusal.empty()) {
    found.compiled.insert(what);
  } else {
    found.broken[what] = refusal;
  }
}

void compile_views(Session& session, Compiled& found) {
  const Result views =
      session.send("SELECT name FROM main.sqlite_master WHERE type = 'view'").front();
  for (const auto& row : views.rows) {
    const std::string name = row[0].value_or("");
    note(found, "view " + name,
         refusal_of(session, "SELECT * FROM main." + session.identifier(name)));
  }
}

void compile_triggers(Session& session, Compiled& found) {
  for (const auto& [event, triggers] : triggers_of(session)) {
    const std::string refusal = refusal_of(session, statement_of(session, event));
    const std::string culprit = last_name_in(refusal);
    const auto mentions_culprit = [&](const SchemaTrigger& trigger) {
      return upper(trigger.sql).find(upper(culprit)) != std::string::npos;
    };
    const bool is_told = std::ranges::any_of(triggers, mentions_culprit);
    for (const SchemaTrigger& trigger : triggers) {
      note(found, "trigger " + trigger.name, is_told && !mentions_culprit(trigger) ? "" : refusal);
    }
  }
}

void look_up_foreign_keys(Session& session, Compiled& found) {
  const Result keys =
      session
          .send(
              "SELECT m.name, (SELECT group_concat(c.\"from\", ', ') FROM"
              " pragma_foreign_key_list(m.name) AS c WHERE c.id = k.id), k.\"table\","
              " EXISTS (SELECT 1 FROM main.sqlite_master AS p WHERE p.type = 'table'"
              " AND p.name = k.\"table\" COLLATE NOCASE)"
              " FROM main.sqlite_master AS m, pragma_foreign_key_list(m.name) AS k"
              " WHERE m.type = 'table' AND k.seq = 0")
          .front();
  for (const auto& row : keys.rows) {
    const std::string key =
        fmt::format("foreign key of {} ({})", row[0].value_or(""), row[1].value_or(""));
    found.parents[key] = row[2].value_or("");
    if (row[3] == "0") found.missing_parents.insert(key);
  }
}

}  // namespace

Compiled compile_schema(Session& session) {
  Compiled found;
  compile_views(session, found);
  compile_triggers(session, found);
  look_up_foreign_keys(session, found);
  return found;
}

std::string broken_since(const Compiled& before, const Compiled& after) {
  std::string text;
  for (const auto& [what, refusal] : after.broken) {
    if (before.compiled.contains(what)) text += fmt::format("\n         {}: {}", what, refusal);
  }
  for (const std::string& key : after.missing_parents) {
    const auto known = before.parents.find(key);
    const std::string& parent = after.parents.at(key);
    if (known == before.parents.end() || known->second == parent) continue;
    text += fmt::format("\n         {}: it referred to {}, and refers to {}, which is gone", key,
                        known->second, parent);
  }
  return text;
}

}  // namespace gauntlet::runner
