#include "harness/scenario/toml_reader.h"

#include "runner/values/error.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::scenario {

using std::chrono::milliseconds;

void TomlReader::only_keys(const toml::table& table,
                           std::initializer_list<std::string_view> known) const {
  for (const auto& [key, value] : table) {
    if (std::ranges::find(known, key.str()) == known.end())
      refuse(value, fmt::format("`{}` is not known here; there are {}", key.str(),
                                fmt::join(known, ", ")));
  }
}

std::string TomlReader::text_of(const toml::table& table, std::string_view key) const {
  auto text = text_if(table, key);
  if (!text) refuse(table, fmt::format("`{}` is missing", key));
  return *std::move(text);
}

std::optional<std::string> TomlReader::text_if(const toml::table& table,
                                               std::string_view key) const {
  auto text = any_text_if(table, key);
  if (text && text->empty())
    refuse(*table.get(key), fmt::format("`{}` is a text, and not empty", key));
  return text;
}

std::optional<std::string> TomlReader::any_text_if(const toml::table& table,
                                                   std::string_view key) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) return std::nullopt;
  auto text = node->value_exact<std::string>();
  if (!text) refuse(*node, fmt::format("`{}` is a text", key));
  return text;
}

std::vector<std::string> TomlReader::texts_of(const toml::table& table,
                                              std::string_view key) const {
  std::vector<std::string> texts;
  const toml::array* array = array_of(table, key, "texts");
  if (array == nullptr) return texts;
  for (const toml::node& each : *array) {
    auto text = each.value_exact<std::string>();
    if (!text) refuse(each, fmt::format("`{}` is a list of texts", key));
    texts.push_back(*std::move(text));
  }
  return texts;
}

std::int64_t TomlReader::number(const toml::node& node, std::string_view key,
                                Between bounds) const {
  const auto number = node.value_exact<std::int64_t>();
  if (!number || *number < bounds.least || *number > bounds.most)
    refuse(node, fmt::format("`{}` is a number from {} to {}", key, bounds.least, bounds.most));
  return *number;
}

std::optional<std::int64_t> TomlReader::number_of(const toml::table& table, std::string_view key,
                                                  Between bounds) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) return std::nullopt;
  return number(*node, key, bounds);
}

std::optional<std::vector<std::int64_t>> TomlReader::numbers_of(const toml::table& table,
                                                                std::string_view key,
                                                                Between bounds) const {
  const toml::array* array = array_of(table, key, "numbers");
  if (array == nullptr) return std::nullopt;
  std::vector<std::int64_t> numbers;
  for (const toml::node& each : *array) numbers.push_back(number(each, key, bounds));
  return numbers;
}

std::optional<milliseconds> TomlReader::time_of(const toml::table& table,
                                                std::string_view key) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) return std::nullopt;
  constexpr std::int64_t hour = 3'600'000;
  const auto number = node->value_exact<std::int64_t>();
  if (!number || *number < 1 || *number > hour)
    refuse(*node, fmt::format("`{}` is a number of milliseconds, at most an hour", key));
  return milliseconds(*number);
}

void TomlReader::refuse_word(const toml::node& node, std::string_view key, std::string_view word,
                             const std::vector<std::string_view>& known) const {
  refuse(node, fmt::format("`{}` is no {}; there are {}", word, key, fmt::join(known, ", ")));
}

std::vector<const toml::table*> TomlReader::tables_of(const toml::table& table,
                                                      std::string_view key) const {
  std::vector<const toml::table*> tables;
  const toml::array* array = array_of(table, key, "tables");
  if (array == nullptr) return tables;
  for (const toml::node& each : *array) {
    if (!each.is_table()) refuse(each, fmt::format("`{}` is a list of tables", key));
    tables.push_back(each.as_table());
  }
  return tables;
}

const toml::array* TomlReader::array_of(const toml::table& table, std::string_view key,
                                        std::string_view of) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) return nullptr;
  if (!node->is_array()) refuse(*node, fmt::format("`{}` is a list of {}", key, of));
  return node->as_array();
}

void TomlReader::refuse(const toml::node& node, std::string message) const {
  throw runner::Error("bad-scenario", std::move(message),
                      fmt::format("{}:{}", file_.string(), node.source().begin.line),
                      "correct the file");
}

}  // namespace gauntlet::scenario
