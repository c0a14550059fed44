#include "harness/formats/other_database.h"

#include "runner/sql/lexer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::formats {

namespace {

/// Words that stand one after the other; `*` is any one token.
struct Sign {
  std::string_view database;
  std::array<std::string_view, 4> words;
};
constexpr std::array<Sign, 15> other_signs = {{
    {"MySQL", {"AUTO_INCREMENT"}},
    {"MySQL", {"ENGINE", "="}},
    {"MySQL", {"UNSIGNED"}},
    {"MySQL", {"TINYINT"}},
    {"MySQL", {"MEDIUMTEXT"}},
    {"MySQL", {"LONGTEXT"}},
    {"MySQL", {"MODIFY", "COLUMN"}},
    {"MySQL", {"CHANGE", "COLUMN"}},
    {"MySQL", {"DROP", "INDEX", "*", "ON"}},
    {"MySQL or H2", {"DATETIME"}},
    {"MySQL or H2", {"DOUBLE", "NOT"}},
    {"MySQL or H2", {"BOOLEAN", "DEFAULT", "1"}},
    {"SQLite", {"AUTOINCREMENT"}},
    {"SQL Server", {"NVARCHAR"}},
    {"SQL Server", {"IDENTITY", "(", "1"}},
}};

std::vector<std::string_view> tokens_of(std::string_view sql) {
  std::vector<std::string_view> tokens;
  runner::Lexer lexer(sql);
  while (const auto token = lexer.next())
    if (token->kind != runner::Token::Kind::comment && token->kind != runner::Token::Kind::text)
      tokens.push_back(token->text);
  return tokens;
}

bool stands_at(const Sign& sign, const std::vector<std::string_view>& tokens, std::size_t at) {
  for (const std::string_view word : sign.words) {
    if (word.empty()) return true;
    if (at == tokens.size() || (word != "*" && runner::upper(tokens[at]) != word)) return false;
    ++at;
  }
  return true;
}

std::string words_of(const Sign& sign) {
  std::string words;
  for (const std::string_view word : sign.words)
    if (!word.empty()) words += (words.empty() ? "" : " ") + std::string(word == "*" ? "…" : word);
  return words;
}

}  // namespace

std::string other_database_of(std::string_view sql) {
  const std::vector<std::string_view> tokens = tokens_of(sql);
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (tokens[at] == "`") return "MySQL (names in backticks)";
    const auto sign = std::ranges::find_if(
        other_signs, [&](const Sign& each) { return stands_at(each, tokens, at); });
    if (sign != other_signs.end()) return fmt::format("{} (`{}`)", sign->database, words_of(*sign));
  }
  return {};
}

}  // namespace gauntlet::formats
