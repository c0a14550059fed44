#include "runner/outside_object.h"

#include "runner/sql/lexer.h"
#include "runner/values/own_query.h"

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

using Object = OutsideStatement::Object;
using Change = OutsideStatement::Change;
using FoundState = ObjectFound::State;

// Before PostgreSQL 14 there is no such column, and no DETACH CONCURRENTLY.
constexpr const char* detach_pending =
    "COALESCE((pg_catalog.to_jsonb(h) ->> 'inhdetachpending')::boolean, false)";

constexpr const char* indexes =
    "SELECT i.indisvalid::text, pg_catalog.quote_ident(n.nspname) || '.' ||"
    " pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_index i"
    " JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE ";

std::string relation_id(Session& session, const std::string& quoted) {
  return fmt::format("pg_catalog.to_regclass({})", session.literal(quoted));
}

constexpr std::size_t index_columns = 2;  // of `indexes`

Result index_rows(Session& session, const std::string& statement) {
  return query_own(session, message_of(Purpose::look_up, statement), index_columns);
}

void add_invalid(ObjectFound& found, const std::string& index) {
  found.state = FoundState::half;
  found.words += fmt::format("{}index {} is INVALID", found.words.empty() ? "" : ", ", index);
  found.repairs.push_back("DROP INDEX CONCURRENTLY " + index);
}

ObjectFound index_made(Session& session, const OutsideStatement& statement) {
  const std::string on_table =
      std::string(indexes) + "i.indrelid = " + relation_id(session, statement.table);
  ObjectFound found;
  if (statement.name.empty()) {
    // The server chose a name. One INVALID index of the table is taken for it; several are not.
    const Result invalid = index_rows(session, on_table + " AND NOT i.indisvalid");
    if (invalid.rows.size() == 1) add_invalid(found, invalid.rows[0][1].value_or(""));
    return found;
  }
  const Result named =
      index_rows(session, on_table + " AND c.relname = " + session.literal(statement.name));
  found.state = named.rows.empty() ? FoundState::before : FoundState::after;
  if (!named.rows.empty() && named.rows[0][0] == "false") {
    add_invalid(found, named.rows[0][1].value_or(""));
  }
  return found;
}

// The DROP that failed can be sent again: an index that it left INVALID is still there.
ObjectFound index_removed(Session& session, const OutsideStatement& statement) {
  const Result named = index_rows(
      session, std::string(indexes) + "i.indexrelid = " + relation_id(session, statement.name));
  ObjectFound found;
  found.state = named.rows.empty() ? FoundState::after : FoundState::before;
  if (!named.rows.empty() && named.rows[0][0] == "false") {
    add_invalid(found, named.rows[0][1].value_or(""));
    found.repairs.clear();
  }
  return found;
}

// PostgreSQL's manual, REINDEX: what a failed one leaves is named with _ccnew or _ccold.
ObjectFound reindexed(Session& session, const OutsideStatement& statement) {
  std::string where =
      "NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND n.nspname <> 'pg_toast'";
  if (!statement.table.empty()) {
    where += " AND i.indrelid = " + relation_id(session, statement.table);
  }
  if (!statement.name.empty()) {
    where += fmt::format(
        " AND i.indrelid = (SELECT o.indrelid FROM pg_catalog.pg_index o WHERE"
        " o.indexrelid = {})",
        relation_id(session, statement.name));
  }
  ObjectFound found{.state = FoundState::before};
  const Result left = index_rows(session, indexes + where);
  for (const auto& row : left.rows) add_invalid(found, row[1].value_or(""));
  return found;
}

std::string finalize(const std::string& table, const std::string& partition) {
  return fmt::format("ALTER TABLE {} DETACH PARTITION {} FINALIZE", table, partition);
}

ObjectFound partition_left(Session& session, const OutsideStatement& statement) {
  const std::string partition = relation_id(session, statement.name);
  const std::string detached = fmt::format(
      "SELECT {}::text FROM pg_catalog.pg_inherits h WHERE h.inhrelid = {} AND h.inhparent = {}",
      detach_pending, partition, relation_id(session, statement.table));
  const Result row = query_own(session, message_of(Purpose::look_up, detached), 1);
  ObjectFound found{.state = FoundState::before};
  if (row.rows.empty()) {
    const std::string there = query_own_value(
        session, message_of(Purpose::look_up, "SELECT (" + partition + " IS NOT NULL)::text"));
    if (there == "true") found.state = FoundState::after;
  } else if (row.rows[0][0] == "true") {
    found.state = FoundState::half;
    found.words =
        fmt::format("partition {} of {} is half detached", statement.name, statement.table);
    found.finish = finalize(statement.table, statement.name);
  }
  return found;
}

ObjectFound shared_object(Session& session, const OutsideStatement& statement,
                          const std::string& from_and_name, const char* is_half = "false") {
  const std::string object = fmt::format("SELECT ({})::text FROM pg_catalog.{} = {}", is_half,
                                         from_and_name, session.literal(statement.name));
  const Result rows = query_own(session, message_of(Purpose::look_up, object), 1);
  const bool there = !rows.rows.empty();
  if (there && rows.rows[0][0] == "true") {
    return {.state = FoundState::half, .words = "database " + statement.name + " is half dropped"};
  }
  const bool makes = statement.change == Change::makes;
  return {.state = there == makes ? FoundState::after : FoundState::before};
}

}  // namespace

ObjectFound look_up(Session& session, const OutsideStatement& statement) {
  switch (statement.object) {
    case Object::index:
      return statement.change == Change::makes ? index_made(session, statement)
                                               : index_removed(session, statement);
    case Object::reindex:
      return reindexed(session, statement);
    case Object::partition:
      return partition_left(session, statement);
    case Object::database:
      return shared_object(session, statement, "pg_database WHERE datname", "datconnlimit = -2");
    case Object::tablespace:
      return shared_object(session, statement, "pg_tablespace WHERE spcname");
    case Object::subscription:
      return shared_object(session, statement,
                           "pg_subscription WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database"
                           " WHERE datname = pg_catalog.current_database()) AND subname");
    case Object::prepared:
      return shared_object(session, statement, "pg_prepared_xacts WHERE gid");
    case Object::none:
      break;
  }
  return {};
}

std::string pending_detaches_named(Session& session, std::string_view sql) {
  const std::string detaches = fmt::format(
      "SELECT c.relname::text, h.inhrelid::pg_catalog.regclass::text,"
      " h.inhparent::pg_catalog.regclass::text FROM pg_catalog.pg_inherits h JOIN"
      " pg_catalog.pg_class c ON c.oid = h.inhrelid WHERE {}",
      detach_pending);
  const Result pending = query_own(session, message_of(Purpose::look_up, detaches), 3);
  std::string text;
  const std::string lowered = lower(sql);
  for (const auto& row : pending.rows) {
    if (!mentions(lowered, row[0].value_or(""))) continue;
    text += fmt::format("\n         partition {} of {} is half detached: {}", row[1].value_or(""),
                        row[2].value_or(""), finalize(row[2].value_or(""), row[1].value_or("")));
  }
  return text;
}

}  // namespace gauntlet::runner
