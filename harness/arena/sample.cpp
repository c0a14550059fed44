#include "harness/arena/sample.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <fmt/format.h>

namespace gauntlet::arena {
namespace {

/// Values of one look-up: an IN list of this length is planned and read quickly.
constexpr std::size_t keys_max = 1'000;

struct Table {
  std::string name;     ///< qualified and quoted
  std::string columns;  ///< those that may be written, quoted, separated by commas
  bool is_whole = false;
};

struct ForeignKey {
  std::string child, parent;
  std::vector<std::string> child_columns, parent_columns;  ///< quoted
  std::string columns;  ///< of the parent: those that may be written
};

constexpr const char* written_columns =
    "(SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a "
    "WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')";

constexpr const char* users_own =
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' AND NOT "
    "EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid "
    "AND "
    "e.deptype = 'e')";

std::vector<Table> tables_of(Connection& source, const std::vector<std::string>& whole_tables) {
  std::set<std::string> whole;
  for (const std::string& table : whole_tables)
    whole.insert(source.ask_one("SELECT to_regclass($1)::oid::text", {table}));
  std::vector<Table> tables;
  for (const Row& row : source.ask(fmt::format(
           "SELECT c.oid::text, quote_ident(n.nspname) || '.' || quote_ident(c.relname), {} "
           "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
           "WHERE c.relkind = 'r' AND {} ORDER BY 2",
           written_columns, users_own))) {
    tables.push_back({.name = row[1].value_or(""),
                      .columns = row[2].value_or(""),
                      .is_whole = whole.contains(row[0].value_or(""))});
  }
  return tables;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<ForeignKey> foreign_keys_of(Connection& source) {
  const auto names = [](const char* relation, const char* columns) {
    return fmt::format(
        "(SELECT string_agg(quote_ident(a.attname), E'\\n' ORDER BY k.place) FROM "
        "unnest({1}) WITH ORDINALITY AS k(number, place) JOIN pg_attribute a ON a.attrelid = {0} "
        "AND a.attnum = k.number)",
        relation, columns);
  };
  const auto qualified = [](const char* relation) {
    return fmt::format(
        "(SELECT quote_ident(n.nspname) || '.' || quote_ident(r.relname) FROM pg_class r JOIN "
        "pg_namespace n ON n.oid = r.relnamespace WHERE r.oid = {})",
        relation);
  };
  std::vector<ForeignKey> keys;
  for (const Row& row : source.ask(fmt::format(
           "SELECT {}, {}, {}, {}, {} FROM pg_constraint f JOIN pg_class c ON c.oid = f.confrelid "
           "WHERE f.contype = 'f' AND f.conparentid = 0",
           qualified("f.conrelid"), qualified("f.confrelid"), names("f.conrelid", "f.conkey"),
           names("f.confrelid", "f.confkey"), written_columns))) {
    keys.push_back({.child = row[0].value_or(""),
                    .parent = row[1].value_or(""),
                    .child_columns = lines_of(row[2].value_or("")),
                    .parent_columns = lines_of(row[3].value_or("")),
                    .columns = row[4].value_or("")});
  }
  return keys;
}

void copy_table(const Ends& source, const Ends& target, const Table& table, std::size_t rows_max) {
  if (table.columns.empty()) return;
  const std::string limit = table.is_whole ? "" : fmt::format(" LIMIT {}", rows_max);
  const std::string data = source.copies.copy_out(
      fmt::format("COPY (SELECT {} FROM ONLY {}{}) TO STDOUT", table.columns, table.name, limit));
  if (data.empty()) return;
  target.copies.copy_in(fmt::format("COPY {} ({}) FROM STDIN", table.name, table.columns), data);
}

/// The keys that rows of the child have and no row of the parent: `('1', 'a')`, as SQL writes them.
std::vector<std::string> missing_keys(Connection& target, const ForeignKey& key) {
  std::string child_list, matches, all_set;
  for (std::size_t i = 0; i < key.child_columns.size(); ++i) {
    child_list += fmt::format("{}c.{}::text", i == 0 ? "" : ", ", key.child_columns[i]);
    matches += fmt::format("{}p.{} = c.{}", i == 0 ? "" : " AND ", key.parent_columns[i],
                           key.child_columns[i]);
    all_set += fmt::format("{}c.{} IS NOT NULL", i == 0 ? "" : " AND ", key.child_columns[i]);
  }
  std::vector<std::string> keys;
  for (const Row& row : target.ask(
           fmt::format("SELECT DISTINCT {} FROM {} c WHERE {} AND NOT EXISTS (SELECT FROM {} p "
                       "WHERE {})",
                       child_list, key.child, all_set, key.parent, matches))) {
    std::string values;
    for (const auto& value : row)
      values += (values.empty() ? "" : ", ") + target.literal(value.value_or(""));
    keys.push_back(row.size() == 1 ? values : "(" + values + ")");
  }
  return keys;
}

/// Brings the rows that are referred to and not there. False if there were none to bring.
bool bring_parents(const Ends& source, const Ends& target, const ForeignKey& key) {
  const std::vector<std::string> keys = missing_keys(target.session, key);
  const std::string columns = fmt::format("{}", fmt::join(key.parent_columns, ", "));
  bool brought = false;
  for (std::size_t from = 0; from < keys.size(); from += keys_max) {
    const auto first = keys.begin() + static_cast<std::ptrdiff_t>(from);
    const auto last =
        keys.begin() + static_cast<std::ptrdiff_t>(std::min(from + keys_max, keys.size()));
    const std::string data = source.copies.copy_out(
        fmt::format("COPY (SELECT {} FROM {} WHERE ({}) IN ({})) TO STDOUT", key.columns,
                    key.parent, columns, fmt::join(first, last, ", ")));
    if (data.empty()) continue;
    target.copies.copy_in(fmt::format("COPY {} ({}) FROM STDIN", key.parent, key.columns), data);
    brought = true;
  }
  return brought;
}

void set_sequences(Connection& source, Connection& target) {
  for (const Row& row : source.ask(fmt::format(
           "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN "
           "pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND {}",
           users_own))) {
    const std::string name = row[0].value_or("");
    const auto stands = source.ask("SELECT last_value::text, is_called::text FROM " + name).at(0);
    target.ask("SELECT setval($1::regclass, $2::bigint, $3::boolean)",
               {name, stands[0], stands[1]});
  }
}

}  // namespace

void sample_rows(const Ends& source, const Ends& target, const Sample& sample) {
  for (const Table& table : tables_of(source.session, sample.whole_tables))
    copy_table(source, target, table, sample.rows_max);
  const std::vector<ForeignKey> keys = foreign_keys_of(source.session);
  for (bool brought = true; brought;) {
    brought = false;
    for (const ForeignKey& key : keys) brought = bring_parents(source, target, key) || brought;
  }
  set_sequences(source.session, target.session);
}

}  // namespace gauntlet::arena
