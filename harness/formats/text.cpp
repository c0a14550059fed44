#include "harness/formats/text.h"

#include "runner/sql/statement.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::formats {

std::string stem_of(const runner::Migration& migration) {
  return fmt::format("{:03}_{}", migration.version.number, migration.name);
}

std::string up_text(const runner::Migration& migration) { return std::string(migration.up.sql()); }

std::string down_text(const runner::Migration& migration) {
  return migration.down ? std::string(migration.down->sql()) : std::string();
}

std::string with_mark_of(const runner::Migration& migration, std::string text) {
  const bool has_mark = migration.up.bytes.starts_with(byte_order_mark);
  return has_mark ? std::string(byte_order_mark) + text : text;
}

bool wants_no_transaction(std::string_view sql) {
  return runner::directives_of(sql).no_transaction;
}

std::string with_newline(std::string text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

std::string only(std::string_view text, std::size_t from, std::size_t to) {
  std::string kept;
  for (const char character : text.substr(0, from))
    if (character == '\n') kept += '\n';
  const std::size_t line_feed = from == 0 ? std::string_view::npos : text.rfind('\n', from - 1);
  const std::size_t line = line_feed == std::string_view::npos ? 0 : line_feed + 1;
  kept.append(from - line, ' ');
  return kept.append(text.substr(from, to - from));
}

std::string marked_no_transaction(std::string sql) {
  constexpr std::string_view directive = "-- gauntlet: no-transaction";
  const std::size_t end = std::min(sql.find('\n'), sql.size());
  const std::string_view first = std::string_view(sql).substr(0, end);
  const std::size_t begins = first.find_first_not_of(" \t\r");
  const bool is_free = begins == std::string_view::npos || first.substr(begins).starts_with("--");
  if (is_free) return sql.replace(0, end, directive);
  return std::string(directive) + "\n" + sql;
}

void for_each_line(std::string_view text, const std::function<void(const Line&)>& visit) {
  constexpr std::string_view blanks = " \t\r\n";
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t line_feed = text.find('\n', begin);
    const std::size_t end = line_feed == std::string_view::npos ? text.size() : line_feed + 1;
    std::string_view line = text.substr(begin, end - begin);
    const std::size_t first = line.find_first_not_of(blanks);
    line = first == std::string_view::npos
               ? std::string_view()
               : line.substr(first, line.find_last_not_of(blanks) + 1 - first);
    visit({.begin = begin, .end = end, .text = line});
    begin = end;
  }
}

bool has_comment(std::string_view text, std::string_view comment) {
  bool has = false;
  for_each_line(text, [&](const Line& line) {
    std::string_view words = line.text;
    if (line.begin == 0 && words.starts_with(byte_order_mark))
      words.remove_prefix(byte_order_mark.size());
    if (has || !words.starts_with("--")) return;
    words.remove_prefix(std::min(words.find_first_not_of("- \t"), words.size()));
    has = starts_with_ignoring_case(words, comment);
  });
  return has;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view b) {
  return text.size() >= b.size() && lower(text.substr(0, b.size())) == b;
}

std::string with_frame_written_out(std::string sql) {
  std::vector<std::string> controls;
  for (const auto& statement : runner::split(sql).statements) {
    const auto control = runner::needs_of(statement.sql).transaction_control;
    if (control) controls.push_back(*control);
  }
  const auto begins = [](const std::string& control) {
    return control == "BEGIN" || control == "START TRANSACTION";
  };
  if (controls.empty() || controls.front() != "COMMIT" || !begins(controls.back())) return sql;
  // On the first statement's own line, so that lines stay the file's.
  const std::size_t first = runner::split(sql).statements.front().offset;
  sql.insert(first, "BEGIN;");
  return marked_no_transaction(with_newline(std::move(sql)) + "COMMIT;\n");
}

std::optional<SqlName> sql_name(std::string_view name) {
  const auto cut = [&](std::string_view end) {
    if (!name.ends_with(end)) return false;
    name.remove_suffix(end.size());
    return true;
  };
  if (!cut(".sql")) return std::nullopt;
  SqlName read{.is_down = cut(".down")};
  read.is_of_a_pair = read.is_down || cut(".up");
  read.stem = name;
  return read;
}

bool is_code_beside_sql(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view stem = name.substr(0, dot), extension = name.substr(dot);
  const bool is_code = extension == ".go" || extension == ".js" || extension == ".ts" ||
                       extension == ".py" || extension == ".rs" || extension == ".rb";
  return is_code && (stem.ends_with(".up") || stem.ends_with(".down"));
}

}  // namespace gauntlet::formats
