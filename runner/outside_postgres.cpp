// PostgreSQL's rules for what runs outside a transaction.
#include "runner/outside_postgres.h"

#include "runner/outside_object.h"
#include "runner/session_leftovers.h"
#include "runner/sql/lexer.h"
#include "runner/sql/statement_postgres.h"
#include "runner/values/own_query.h"

#include <string>

namespace gauntlet::runner {

std::unique_ptr<Kept> OutsidePostgres::keep_connection(const Applying& applying,
                                                       const Task& task) const {
  return keep_session(applying, task);
}

ObjectFound OutsidePostgres::look_up(Session& session, const OutsideStatement& statement) const {
  return runner::look_up(session, statement);
}

std::string OutsidePostgres::half_done(Session& session, std::string_view sql) const {
  return pending_detaches_named(session, sql);
}

// A partitioned index is invalid until its parts are attached: that is no accident.
std::set<InvalidIndex> OutsidePostgres::invalid_indexes(Session& session) const {
  const Result result =
      query_own(session,
                message_of(Purpose::look_up,
                           "SELECT c.relname::text, pg_catalog.quote_ident(n.nspname) || '.' ||"
                           " pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_index i"
                           " JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
                           " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                           " WHERE NOT i.indisvalid AND c.relkind = 'i'"),
                2);
  std::set<InvalidIndex> indexes;
  for (const auto& row : result.rows) indexes.insert({row[0].value_or(""), row[1].value_or("")});
  return indexes;
}

// CALL and DO may commit a part of themselves; so does a COMMIT in the middle of the text.
bool OutsidePostgres::committed_nothing(std::string_view sql, std::size_t completed) const {
  const Split parts = split(sql);
  for (std::size_t index = 0; index < parts.statements.size(); ++index) {
    const std::string_view statement = parts.statements[index].sql;
    const std::string words = lower(statement.substr(0, 5));
    if (index > completed) break;
    if (words.starts_with("call") || words.starts_with("do")) return false;
    const auto control = needs_of(statement).transaction_control;
    const bool begins = control && (control->starts_with("BEGIN") || control->starts_with("START"));
    if (control && !begins && index < completed) return false;
  }
  return true;
}

}  // namespace gauntlet::runner
