#include "harness/truth/difference.h"

#include "harness/oracle/difference.h"
#include "harness/truth/statement_text.h"
#include "runner/sql/lexer.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace gauntlet::truth {

namespace {

using core::TableData;
using Hashes = std::map<std::string, std::string>;

/// The parts of `public."odd.name".column`, quotes taken off.
std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (const char c : name) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      parts.emplace_back();
    } else if ((c == '(' || c == ' ') && !quoted) {
      break;
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool is_named(const std::string& table, const std::string& column,
              const std::vector<std::string>& columns) {
  const std::string full = fmt::format("{}.{}", fmt::join(parts_of(table), "."), column);
  return std::ranges::any_of(columns, [&](const std::string& named) {
    return full == named || full.ends_with("." + named);
  });
}

class Comparison {
 public:
  explicit Comparison(const Sides& sides) : sides_(sides) {}

  Differences run() {
    if (sides_.files.catalogue && sides_.run.catalogue) compare_catalogues();
    if (sides_.files.data && sides_.run.data) compare_data();
    return std::move(found_);
  }

 private:
  bool is_own(const std::string& relation) const;
  bool is_of_own(const std::string& entry, const std::string& text) const;
  bool is_mentioned(const std::string& entry) const;
  bool is_stable_object(const std::string& entry, const std::string* text) const;
  bool is_unstable_column(const std::string& table, const std::string& column) const;
  void compare_catalogues();
  void compare_data();
  void compare_table(const std::string& table, const TableData& files, const TableData& run);
  void compare_columns(const std::string& table, const TableData& files, const TableData& run,
                       const TableData* calibration);

  const Sides& sides_;
  Differences found_;
};

bool Comparison::is_own(const std::string& relation) const {
  const std::vector<std::string> parts = parts_of(relation);
  const std::string bare = runner::lower(parts.size() > 1 ? parts[1] : parts[0]);
  const std::string qualified = parts.size() > 1 ? runner::lower(parts[0]) + "." + bare : bare;
  return std::ranges::any_of(sides_.own_tables, [&](const std::string& own) {
    std::string name = runner::lower(own);
    std::erase(name, '"');
    return name == bare || name == qualified;
  });
}

/// An index or a sequence of a table of the runner's has a name of its own.
bool Comparison::is_of_own(const std::string& entry, const std::string& text) const {
  if (is_own(relation_of(entry))) return true;
  if (!entry.starts_with("index ") && !entry.starts_with("sequence ")) return false;
  return std::ranges::any_of(sides_.own_tables, [&](const std::string& own) {
    const std::vector<std::string> parts = parts_of(own);
    return mentions(text, parts.size() > 1 ? parts[1] : parts[0]);
  });
}

bool Comparison::is_mentioned(const std::string& entry) const {
  const std::vector<std::string> parts = parts_of(relation_of(entry));
  return mentions(sides_.file_texts, parts.size() > 1 ? parts[1] : parts[0]);
}

/// Does the calibration leave the same text there, or none where there is none?
bool Comparison::is_stable_object(const std::string& entry, const std::string* text) const {
  if (sides_.calibration == nullptr || !sides_.calibration->catalogue) return true;
  const auto found = sides_.calibration->catalogue->find(entry);
  if (found == sides_.calibration->catalogue->end()) return text == nullptr;
  return text != nullptr && found->second == *text;
}

bool Comparison::is_unstable_column(const std::string& table, const std::string& column) const {
  return is_named(table, column, sides_.unstable_columns);
}

void Comparison::compare_catalogues() {
  const core::Catalogue& files = *sides_.files.catalogue;
  const core::Catalogue& run = *sides_.run.catalogue;
  std::vector<oracle::Change> changed;
  std::size_t tables = 0, missing = 0;
  for (const auto& [entry, text] : files) {
    if (is_of_own(entry, text)) continue;
    const auto here = run.find(entry);
    const bool is_table = entry.starts_with("table ");
    if (is_table) ++tables;
    if (is_table && here == run.end()) ++missing;
    if (here != run.end() && here->second == text) continue;
    if (!is_stable_object(entry, &text)) {
      found_.withdrawn.push_back(entry);
      continue;
    }
    changed.push_back({.name = entry,
                       .expected = text,
                       .found = here == run.end() ? std::string() : here->second});
  }
  for (const auto& [entry, text] : run) {
    if (files.contains(entry) || is_of_own(entry, text) || !is_mentioned(entry)) continue;
    if (!is_stable_object(entry, nullptr)) {
      found_.withdrawn.push_back(entry);
      continue;
    }
    changed.push_back({.name = entry, .expected = {}, .found = text});
  }
  found_.nothing_there = tables > 0 && missing == tables;
  if (changed.empty()) return;
  found_.findings.push_back(
      {.id = "schema-differs-from-files",
       .message = fmt::format(
           "{} {} from what the files leave (- the files, + here):\n{}", changed.size(),
           changed.size() == 1 ? "object differs" : "objects differ", oracle::diff(changed)),
       .fix =
           "see which statements of the files the runner does not run, or runs in another order"});
}

void Comparison::compare_data() {
  for (const auto& [table, rows] : *sides_.files.data) {
    const auto here = sides_.run.data->find(table);
    // A table that is not there is a difference of the schema.
    if (here != sides_.run.data->end() && !is_own(table)) compare_table(table, rows, here->second);
  }
}

void Comparison::compare_table(const std::string& table, const TableData& files,
                               const TableData& run) {
  const TableData* calibration = nullptr;
  if (sides_.calibration != nullptr && sides_.calibration->data) {
    const auto found = sides_.calibration->data->find(table);
    if (found == sides_.calibration->data->end() || found->second.rows != files.rows) {
      if (!(files == run)) found_.withdrawn.push_back(table);
      return;
    }
    calibration = &found->second;
  }
  if (files.rows == run.rows) return compare_columns(table, files, run, calibration);
  found_.findings.push_back(
      {.id = files.rows > run.rows ? "rows-missing" : "rows-added",
       .message = fmt::format("{} holds {} rows; the files leave {}", table, run.rows, files.rows),
       .fix = "see which statements of the files the runner does not run, or runs twice"});
}

void Comparison::compare_columns(const std::string& table, const TableData& files,
                                 const TableData& run, const TableData* calibration) {
  std::vector<std::string> different;
  for (const auto& [column, hash] : files.columns) {
    if (is_unstable_column(table, column)) continue;
    const auto differs = [&](Hashes TableData::*kind, const TableData& other) {
      const auto mine = (files.*kind).find(column);
      const auto theirs = (other.*kind).find(column);
      return mine != (files.*kind).end() && theirs != (other.*kind).end() &&
             mine->second != theirs->second;
    };
    const bool values = differs(&TableData::columns, run);
    const bool moved = differs(&TableData::by_key, run);
    if (!values && !moved) continue;
    const auto kind = values ? &TableData::columns : &TableData::by_key;
    if (calibration != nullptr && differs(kind, *calibration)) {
      found_.withdrawn.push_back(fmt::format("{}.{}", table, column));
    } else {
      different.push_back(column);
    }
  }
  if (different.empty()) return;
  found_.findings.push_back(
      {.id = "data-differs-from-files",
       .message =
           fmt::format("{} holds other values than the files leave, in {} {}", table,
                       different.size() == 1 ? "column" : "columns", oracle::some_of(different)),
       .fix =
           fmt::format("see which statements of the files the runner does not run; if the values "
                       "differ in every run, name them: --unstable-column {}.{}",
                       table, different.front())});
}

}  // namespace

std::string relation_of(const std::string& entry) {
  bool quoted = false, dotted = false;
  std::size_t start = 0;
  for (std::size_t at = 0; at <= entry.size(); ++at) {
    const char c = at < entry.size() ? entry[at] : ' ';
    if (c == '"') quoted = !quoted;
    if (c == '.' && !quoted) dotted = true;
    if (c != ' ' || quoted) continue;
    if (dotted) return entry.substr(start, at - start);
    if (at < entry.size()) start = at + 1;
  }
  return entry.substr(start);
}

void forget_columns(core::Snapshot& snapshot, const std::vector<std::string>& columns) {
  if (!snapshot.data || columns.empty()) return;
  for (auto& [table, data] : *snapshot.data) {
    const auto is_forgotten = [&](const auto& column) {
      return is_named(table, column.first, columns);
    };
    std::erase_if(data.columns, is_forgotten);
    std::erase_if(data.by_key, is_forgotten);
  }
}

Differences compare(const Sides& sides) { return Comparison(sides).run(); }

}  // namespace gauntlet::truth
