#include "runner/source/file_name.h"

#include "runner/sql/lexer.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <utility>

namespace gauntlet::runner {
namespace {

constexpr std::string_view up_suffix = ".up.sql";
constexpr std::string_view down_suffix = ".down.sql";

std::size_t count_digits(std::string_view text) {
  return std::min(text.find_first_not_of("0123456789"), text.size());
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// `V4__x`, `U4__x`, `R__x`: versioned, undo, repeatable and baseline files of another tool.
bool has_flyway_prefix(std::string_view name) {
  if (name.empty() || !is_one_of(name.substr(0, 1), {"v", "u", "b", "r"})) return false;
  const auto version_end = name.find_first_not_of("0123456789._", 1);
  const auto version =
      name.substr(1, version_end == std::string_view::npos ? version_end : version_end - 1);
  return version.ends_with("__") && (name.front() == 'r' || version.front() != '_');
}

/// `004_`, `004-`, `004.`, `004 `: how people number files.
bool has_number_prefix(std::string_view name) {
  const auto digits = count_digits(name);
  return digits > 0 && is_one_of(name.substr(digits, 1), {"_", "-", ".", " "});
}

bool is_source_code(std::string_view extension) {
  return is_one_of(extension, {"go", "js", "mjs", "cjs", "ts", "py", "rb", "php"});
}

bool is_test_of_code(std::string_view stem) {
  return stem.ends_with("_test") || stem.ends_with(".test") || stem.ends_with(".spec");
}

/// A copy that an editor made, or that somebody put aside on purpose by adding to its name.
bool is_put_aside(std::string_view extension) {
  return extension.ends_with('~') ||
         is_one_of(extension, {"bak", "orig", "old", "rej", "swp", "tmp", "disabled", "skip"});
}

/// Did somebody mean `file_name` as a migration, though it does not end in `.up.sql`?
bool is_like_migration(std::string_view file_name) {
  if (file_name.starts_with('.')) return false;
  std::string name = lower(file_name);
  name.erase(name.find_last_not_of(" \t\r\n") + 1);
  if (name.ends_with(up_suffix) || name.ends_with(down_suffix)) return true;

  const auto dot = name.rfind('.');
  if (dot == std::string::npos) return false;
  const std::string_view stem = std::string_view(name).substr(0, dot);
  const std::string_view extension = std::string_view(name).substr(dot + 1);
  if (is_put_aside(extension)) return false;
  if (extension == "sql" && has_flyway_prefix(stem)) return true;
  if (!has_number_prefix(name)) return false;
  if (is_source_code(extension)) return !is_test_of_code(stem);
  return is_one_of(extension, {"sql", "psql", "pgsql", "up", "down"}) || stem.ends_with(".up") ||
         stem.ends_with(".down") || (extension == "txt" && stem.ends_with(".sql"));
}

FileName read_stem(std::string_view stem, FileName::Kind direction) {
  using Kind = FileName::Kind;
  const auto digits = count_digits(stem);
  if (digits == 0) return {Kind::unparseable, {}, {}};
  if (stem.substr(digits, 1) == "-") return {Kind::unrecognized, {}, {}};
  if (stem.substr(digits, 1) != "_") return {Kind::unparseable, {}, {}};
  Version version;
  const auto read = std::from_chars(stem.data(), stem.data() + digits, version.number);
  if (read.ec != std::errc{}) return {Kind::version_too_large, {}, {}};
  const auto name = stem.substr(digits + 1);
  if (name.empty()) return {Kind::empty_description, version, {}};
  return {direction, version, std::string(name)};
}

}  // namespace

FileName read_file_name(std::string_view file_name) {
  for (const auto& [suffix, direction] :
       {std::pair{up_suffix, FileName::Kind::up}, std::pair{down_suffix, FileName::Kind::down}})
    if (file_name.ends_with(suffix))
      return read_stem(file_name.substr(0, file_name.size() - suffix.size()), direction);
  return {
      is_like_migration(file_name) ? FileName::Kind::unrecognized : FileName::Kind::other, {}, {}};
}

}  // namespace gauntlet::runner
