#include "harness/observe/file.h"

#include "harness/core/files.h"
#include "harness/core/fnv1a.h"
#include "harness/observe/reader.h"
#include "runner/read_only.h"
#include "runner/sqlite.h"
#include "runner/values/session.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::observe {

namespace {

namespace fs = std::filesystem;

using FileRows = std::vector<std::vector<std::optional<std::string>>>;

FileRows ask(runner::Session& session, const std::string& sql) {
  return session.send(sql).back().rows;
}

core::Catalogue catalogue_of(runner::Session& session) {
  core::Catalogue catalogue;
  for (const auto& row : ask(session,
                             "SELECT type || ' ' || name, sql FROM main.sqlite_master"
                             " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")) {
    catalogue[text_of(row[0])] = row[1].value_or("");
  }
  return catalogue;
}

std::vector<std::string> names_in(runner::Session& session, const std::string& sql) {
  std::vector<std::string> names;
  for (const auto& row : ask(session, sql)) names.push_back(text_of(row[0]));
  return names;
}

/// Sums do not depend on the order of rows.
core::TableData data_of(runner::Session& session, const std::string& table) {
  const std::string quoted = session.literal(table);
  const auto columns =
      names_in(session, fmt::format("SELECT name FROM pragma_table_info({})", quoted));
  const auto keys =
      names_in(session, fmt::format("SELECT name FROM pragma_table_info({}) WHERE pk = 1", quoted));
  const std::string& key = keys.empty() ? columns.front() : keys.front();
  std::vector<std::string> values;
  values.push_back(fmt::format("quote({})", session.identifier(key)));
  for (const std::string& column : columns)
    values.push_back(fmt::format("quote({})", session.identifier(column)));
  const FileRows rows = ask(session, fmt::format("SELECT {} FROM {}", fmt::join(values, ", "),
                                                 session.identifier(table)));
  core::TableData data{.rows = static_cast<std::int64_t>(rows.size())};
  for (std::size_t at = 0; at < columns.size(); ++at) {
    std::uint64_t sum = 0, sum_by_key = 0;
    for (const auto& row : rows) {
      sum += core::fnv1a(text_of(row[at + 1]));
      sum_by_key += core::fnv1a(text_of(row[at + 1]), core::fnv1a(text_of(row[0])));
    }
    data.columns[columns[at]] = std::to_string(sum);
    data.by_key[columns[at]] = std::to_string(sum_by_key);
  }
  return data;
}

core::Data all_data_of(runner::Session& session) {
  core::Data data;
  for (const std::string& table :
       names_in(session,
                "SELECT name FROM main.sqlite_master WHERE type = 'table'"
                " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")) {
    data[table] = data_of(session, table);
  }
  return data;
}

bool has_table(runner::Session& session, std::string_view name) {
  return !ask(session, fmt::format("SELECT 1 FROM main.sqlite_master WHERE type = 'table'"
                                   " AND name = {}",
                                   session.literal(name)))
              .empty();
}

core::Sequences sequences_of(runner::Session& session) {
  core::Sequences sequences;
  if (!has_table(session, "sqlite_sequence")) return sequences;
  for (const auto& row : ask(session, "SELECT name, seq FROM sqlite_sequence"))
    sequences[text_of(row[0])] = text_of(row[1]);
  return sequences;
}

core::Files files_beside(const fs::path& file) {
  core::Files files;
  for (const auto& entry : fs::directory_iterator(file.parent_path())) {
    const std::string bytes = core::read_file_if_any(entry.path());
    files[entry.path().filename()] =
        fmt::format("{} bytes, {:016x}", bytes.size(), core::fnv1a(bytes));
  }
  return files;
}

}  // namespace

bool read_if_database(const arena::Address& address,
                      const std::function<void(runner::Session&)>& with) {
  try {
    runner::read_only(address.conninfo(), with);
    return true;
  } catch (const runner::SqlError& error) {
    if (error.said().sqlite_code != "SQLITE_NOTADB") throw;
  } catch (const runner::Error& error) {
    if (error.code() != "no-such-database") throw;
  }
  return false;
}

core::Snapshot snapshot_of_file(const arena::Address& address, const Wanted& wanted) {
  core::Snapshot taken{.catalogue = core::Catalogue(),
                       .data = core::Data(),
                       .sequences = core::Sequences(),
                       .files = files_beside(address.file())};
  try {
    const bool is_database = read_if_database(address, [&](runner::Session& session) {
      taken.catalogue = catalogue_of(session);
      taken.data = all_data_of(session);
      taken.sequences = sequences_of(session);
    });
    if (!is_database) taken.catalogue = core::Catalogue{{"database", "there is none"}};
    if (wanted.leftovers) taken.leftovers = leftovers_of_file(address, std::chrono::seconds(2));
  } catch (const runner::Error& error) {
    taken = {.files = taken.files, .missing = error.message()};
  }
  return taken;
}

core::Leftovers leftovers_of_file(const arena::Address& address,
                                  std::chrono::milliseconds patience) {
  core::Leftovers left;
  if (!fs::exists(address.file())) return left;
  try {
    const auto session = runner::connect_sqlite(address.conninfo());
    session->limit({.lock_wait = patience});
    session->send("BEGIN IMMEDIATE; ROLLBACK");
  } catch (const runner::SqlError& error) {
    const std::string& code = error.said().sqlite_code;
    if (code.starts_with("SQLITE_BUSY"))
      left.open_transactions.emplace_back("somebody holds the lock of the database file");
    else if (code != "SQLITE_NOTADB")
      throw;
  }
  return left;
}

std::optional<std::vector<std::int64_t>> journal_of_file(const arena::Address& address) {
  std::optional<std::vector<std::int64_t>> versions;
  read_if_database(address, [&](runner::Session& session) {
    versions.reset();
    if (!has_table(session, "journal")) return;
    versions.emplace();
    for (const auto& row : ask(session, "SELECT version FROM journal ORDER BY rowid"))
      versions->push_back(std::stoll(text_of(row[0])));
  });
  return versions;
}

}  // namespace gauntlet::observe
