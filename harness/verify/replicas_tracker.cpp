#include "harness/verify/replicas_tracker.h"

#include "runner/postgres.h"
#include "runner/values/session.h"

#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace gauntlet::verify {

namespace {

/// Adds every table that a node of the plan, or one below it, reads.
void collect(const nlohmann::json& node, const runner::Session& session,
             std::set<std::string>& tables) {
  if (node.is_object() && node.contains("Relation Name") && node.contains("Schema")) {
    const auto schema = node["Schema"].get<std::string>();
    const bool is_theirs = !schema.starts_with("pg_") && schema != "information_schema";
    if (is_theirs) {
      tables.insert(session.identifier(schema) + "." +
                    session.identifier(node["Relation Name"].get<std::string>()));
    }
  }
  if (!node.is_structured()) return;
  for (const nlohmann::json& below : node) collect(below, session, tables);
}

}  // namespace

std::string tables_of(const arena::Address& address, const core::Applied& applied,
                      const std::string& query) {
  if (query.empty()) return applied.tracker;
  const auto session = runner::connect_postgres(address.conninfo());
  // As a parameterised statement it can be one only: the text is somebody else's.
  const runner::Result plan = session->query("EXPLAIN (VERBOSE, FORMAT JSON) " + query);
  std::set<std::string> tables;
  for (const auto& row : plan.rows)
    collect(nlohmann::json::parse(row.at(0).value_or("null")), *session, tables);
  return fmt::format("{}", fmt::join(tables, ", "));
}

}  // namespace gauntlet::verify
