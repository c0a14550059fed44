#include "harness/observe/lock_rows.h"

#include "harness/observe/reader.h"

#include <algorithm>
#include <array>
#include <span>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::observe {

namespace {

/// Name, qualified name, and every column as `name/kind`, the kind a category of pg_type.
constexpr const char* lock_tables = R"(
select c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname),
  string_agg(quote_ident(a.attname) || '/' || t.typcategory::text, ' ' order by a.attnum)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
where c.relkind in ('r', 'p') and n.nspname !~ '^pg_'
  and c.relname ~ '(^|_)[Ll]ocks?$|[a-z]Lock$|loglock$'
  and n.nspname <> 'information_schema'
group by 1, 2 having count(*) <= 12 order by 2 limit 20)";

constexpr std::array<std::string_view, 8> flags = {"locked", "is_locked", "islocked",   "lock",
                                                   "held",   "is_held",   "is_running", "active"};
constexpr std::array<std::string_view, 11> holders = {"locked_by", "lockedby", "owner", "holder",
                                                      "held_by",   "pod",      "host",  "hostname",
                                                      "pid",       "instance", "token"};

/// Columns of a lock table, as far as their names tell what they are for.
struct LockTable {
  std::string name = {}, table = {};
  std::string flag = {}, holder = {}, since = {};  ///< empty: there is none
  bool flag_is_number = false;

  std::string is_taken() const {
    if (!flag.empty()) return flag_is_number ? flag + " <> 0" : flag;
    return holder.empty() ? "true" : holder + " IS NOT NULL";
  }
  std::string removal() const {
    if (flag.empty()) return fmt::format("DELETE FROM {} WHERE {}", table, is_taken());
    return fmt::format("UPDATE {} SET {} = {}{} WHERE {}", table, flag,
                       flag_is_number ? "0" : "false",
                       holder.empty() ? "" : ", " + holder + " = NULL", is_taken());
  }
};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

LockTable table_of(const Row& row) {
  LockTable table{.name = row.text(0), .table = row.text(1)};
  std::istringstream columns(row.text(2));
  for (std::string column; columns >> column;) {
    const std::size_t slash = column.rfind('/');
    const std::string name = column.substr(0, slash);
    const char category = column.back();
    const bool may_be_flag = category == 'B' || category == 'N';
    if (table.flag.empty() && may_be_flag && is_one_of(name, flags)) {
      table.flag = name;
      table.flag_is_number = category == 'N';
    }
    if (table.holder.empty() && is_one_of(name, holders)) table.holder = name;
    if (table.since.empty() && category == 'D') table.since = name;
  }
  return table;
}

/// What the tool itself calls it; empty for a table that is not known.
std::string command_of(std::string_view table) {
  if (table.ends_with("knex_migrations_lock")) return "`knex migrate:unlock`, or ";
  return table == "databasechangeloglock" ? "`liquibase release-locks`, or " : "";
}

}  // namespace

std::vector<core::LockRow> held_lock_rows(const arena::Address& address) {
  std::vector<core::LockRow> held;
  if (!address.file().empty()) return held;
  try {
    Reader reader(address);
    for (const Row& each : reader.ask(lock_tables)) {
      const LockTable table = table_of(each);
      const Rows rows = reader.ask(
          fmt::format("select left(row_to_json(l)::text, 200), {} from {} l where {} limit 1",
                      table.since.empty() ? "''" : "coalesce(l." + table.since + "::text, '')",
                      table.table, table.is_taken()));
      if (rows.empty()) continue;
      held.push_back({.table = table.table,
                      .row = text_of(rows.front().at(0)),
                      .since = text_of(rows.front().at(1)),
                      .removal = command_of(table.name) + "`" + table.removal() + "`"});
    }
  } catch (const runner::Error&) {
    held.clear();  // it is a hint beside a finding that stands without it
  }
  return held;
}

}  // namespace gauntlet::observe
