#include "harness/observe/catalogue_sql.h"
#include "harness/observe/parts.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::observe {

namespace {

// Every table read in a transaction stays locked, with its indexes, until its end: a batch keeps
// well below what a stock server has room for, whatever the database holds.
constexpr std::size_t batch_max = 32;

struct Table {
  std::string name;  // qualified, quoted where it must be
  std::vector<std::string> columns = {};
  std::string hashes = {};  // two expressions a column, separated by commas
  bool has_pages = false;   // without any it has no rows, and need not be asked
};

// A sum does not depend on the order of rows; the count tells a null from a value of hash 0.
std::string hashes_of(const std::string& column, const std::string& key) {
  return fmt::format(
      "coalesce(sum(hashtextextended({0}::text collate \"C\", 0)), 0) || '/' || count({0}), "
      "coalesce(sum(hashtextextended({0}::text collate \"C\","
      " hashtextextended({1}::text collate \"C\", 0))), 0) || ''",
      column, key);
}

std::vector<Table> tables_of(Reader& reader) {
  const Rows rows = reader.ask(std::string(own_objects) + R"(, sized as materialized (
  select c.oid, c.full_name, pg_relation_size(c.oid) > 0 as has_pages
  from relation c where c.relkind = 'r' or (c.relkind = 'm' and c.relispopulated)
)
select c.full_name, a.attname, quote_ident(a.attname), c.has_pages,
  quote_ident(coalesce(k.attname, first_value(a.attname) over (partition by c.oid order by a.attnum)))
from sized c
left join pg_index i on i.indrelid = c.oid and i.indisprimary
left join pg_attribute k on k.attrelid = c.oid and k.attnum = i.indkey[0]
left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
order by c.full_name, a.attnum)");
  std::vector<Table> tables;
  for (const Row& row : rows) {
    if (tables.empty() || tables.back().name != text_of(row[0])) {
      tables.push_back({.name = text_of(row[0]), .has_pages = row[3] == "t"});
    }
    if (!row[1]) continue;
    Table& table = tables.back();
    table.columns.push_back(*row[1]);
    if (!table.hashes.empty()) table.hashes += ", ";
    table.hashes += hashes_of(text_of(row[2]), text_of(row[4]));
  }
  return tables;
}

void check_size(Reader& reader, std::uint64_t bytes_max) {
  const Rows rows = reader.ask(std::string(own_objects) + R"(
select coalesce(sum(pg_table_size(c.oid)), 0)::bigint, pg_size_pretty(sum(pg_table_size(c.oid)))
from relation c where c.relkind in ('r', 'm'))");
  if (std::stoull(text_of(rows.at(0).at(0))) <= bytes_max) return;
  throw runner::Error("too-much-data",
                      fmt::format("the tables hold {}, where at most {} MB are read",
                                  rows[0][1].value_or(""), bytes_max >> 20U));
}

core::TableData table_data_of(const Table& table, const Row& row) {
  core::TableData data = {.rows = std::stoll(text_of(row.at(1)))};
  std::string_view hashes = text_of(row.at(2));
  const auto take_one = [&] {
    const std::size_t end = std::min(hashes.find(','), hashes.size());
    std::string hash(hashes.substr(0, end));
    hashes.remove_prefix(std::min(end + 1, hashes.size()));
    return hash;
  };
  for (const std::string& column : table.columns) {
    data.columns[column] = take_one();
    data.by_key[column] = take_one();
  }
  return data;
}

core::TableData empty_data_of(const Table& table) {
  core::TableData data;
  for (const std::string& column : table.columns) {
    data.columns[column] = "0/0";
    data.by_key[column] = "0";
  }
  return data;
}

// `select_one(i)` for each i below `count`, a few in one statement; rows by their first column.
template <typename SelectOne, typename Take>
void ask_in_batches(Reader& reader, std::size_t count, const SelectOne& select_one,
                    const Take& take) {
  for (std::size_t start = 0; start < count; start += batch_max) {
    std::string sql;
    for (std::size_t i = start; i < std::min(count, start + batch_max); ++i) {
      sql += (sql.empty() ? "" : " union all ") + select_one(i);
    }
    for (const Row& row : reader.ask(sql)) take(std::stoul(text_of(row.at(0))), row);
  }
}

}  // namespace

namespace {

/// While it lives, the tables whose policies bind their owner, too, can be read whole: in a
/// transaction that is rolled back, and so only in a database of ours.
class Unforced {
 public:
  explicit Unforced(Reader& reader) : reader_(reader) {
    std::string sql;
    for (const Row& row : reader.ask(std::string(own_objects) + R"(
select c.full_name from relation c
where c.relkind in ('r', 'p') and c.relrowsecurity and c.relforcerowsecurity
  and pg_has_role(c.relowner, 'usage')
  and not (select r.rolsuper or r.rolbypassrls from pg_roles r where r.rolname = current_user))"))
      sql += fmt::format(";alter table {} no force row level security", text_of(row.at(0)));
    if (sql.empty()) return;
    reader.ask("begin read write" + sql);
    is_open_ = true;
  }
  ~Unforced() {
    if (!is_open_) return;
    try {
      reader_.ask("rollback");
    } catch (const runner::Error&) {
      return;  // the session is gone, and the transaction with it
    }
  }
  Unforced(const Unforced&) = delete;
  Unforced& operator=(const Unforced&) = delete;

 private:
  Reader& reader_;
  bool is_open_ = false;
};

}  // namespace

core::Data read_data(Reader& reader, const Wanted& wanted) {
  // A database of ours has the size that its maker gave it.
  if (!wanted.is_ours) check_size(reader, wanted.data_bytes_max);
  // An index over a function whose body names another one without its schema is legal: the server
  // cannot even plan a read of its table under an empty search_path.
  reader.ask("reset search_path");
  std::optional<Unforced> unforced;
  if (wanted.is_ours) unforced.emplace(reader);
  std::vector<Table> tables = tables_of(reader);
  core::Data data;
  for (const Table& table : tables) data[table.name] = empty_data_of(table);
  std::erase_if(tables, [](const Table& table) { return !table.has_pages; });
  ask_in_batches(
      reader, tables.size(),
      [&](std::size_t i) {
        return fmt::format(
            "select {}, count(*), array_to_string(array[{}]::text[], ',') from only {}", i,
            tables[i].hashes, tables[i].name);
      },
      [&](std::size_t i, const Row& row) { data[tables[i].name] = table_data_of(tables[i], row); });
  unforced.reset();
  reader.ask("set search_path = ''");
  return data;
}

core::Sequences read_sequences(Reader& reader) {
  const Rows names = reader.ask(std::string(own_objects) + R"(
select c.full_name from relation c where c.relkind = 'S' order by 1)");
  core::Sequences sequences;
  ask_in_batches(
      reader, names.size(),
      [&](std::size_t i) {
        return fmt::format("select {}, last_value, is_called from {}", i, text_of(names[i][0]));
      },
      [&](std::size_t i, const Row& row) {
        const bool called = row.at(2) == "t";
        sequences[text_of(names[i][0])] = text_of(row.at(1)) + (called ? " (called)" : "");
      });
  return sequences;
}

}  // namespace gauntlet::observe
