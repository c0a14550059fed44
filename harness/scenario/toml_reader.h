// What a TOML file says, key by key: whatever is not understood is refused with its line, so that a
// slip of the pen never weakens a claim. Belongs to one thread; the file's path outlives it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <toml++/toml.h>

namespace gauntlet::scenario {

/// What a key may say, and what that means.
template <typename Value>
using Words = std::vector<std::pair<std::string_view, Value>>;

/// Whole numbers, both ends included.
struct Between {
  std::int64_t least = 0, most = 0;
};

/// Every member throws: Error `bad-scenario`, whose where() is `file:line`.
class TomlReader {
 public:
  explicit TomlReader(const std::filesystem::path& file) : file_(file) {}

  void only_keys(const toml::table& table, std::initializer_list<std::string_view> known) const;

  /// Not empty, and not absent.
  std::string text_of(const toml::table& table, std::string_view key) const;
  std::optional<std::string> text_if(const toml::table& table, std::string_view key) const;
  /// May be empty.
  std::optional<std::string> any_text_if(const toml::table& table, std::string_view key) const;
  /// Of an array; empty where the key is absent.
  std::vector<std::string> texts_of(const toml::table& table, std::string_view key) const;

  std::optional<std::int64_t> number_of(const toml::table& table, std::string_view key,
                                        Between bounds) const;
  /// Of an array; nullopt where the key is absent.
  std::optional<std::vector<std::int64_t>> numbers_of(const toml::table& table,
                                                      std::string_view key, Between bounds) const;
  /// Milliseconds, at most an hour.
  std::optional<std::chrono::milliseconds> time_of(const toml::table& table,
                                                   std::string_view key) const;

  /// nullopt where the key is absent.
  template <typename Value>
  std::optional<Value> choice_of(const toml::table& table, std::string_view key,
                                 const Words<Value>& words) const {
    const auto word = text_if(table, key);
    if (!word) return std::nullopt;
    return chosen(*table.get(key), key, *word, words);
  }
  /// What `word` means, which stands in `node`.
  template <typename Value>
  Value chosen(const toml::node& node, std::string_view key, std::string_view word,
               const Words<Value>& words) const {
    std::vector<std::string_view> known;
    for (const auto& [name, value] : words) {
      if (name == word) return value;
      known.push_back(name);
    }
    refuse_word(node, key, word, known);
  }

  /// Tables of an array; empty where the key is absent.
  std::vector<const toml::table*> tables_of(const toml::table& table, std::string_view key) const;

  [[noreturn]] void refuse(const toml::node& node, std::string message) const;

 private:
  [[noreturn]] void refuse_word(const toml::node& node, std::string_view key, std::string_view word,
                                const std::vector<std::string_view>& known) const;
  std::int64_t number(const toml::node& node, std::string_view key, Between bounds) const;
  const toml::array* array_of(const toml::table& table, std::string_view key,
                              std::string_view of) const;

  const std::filesystem::path& file_;
};

}  // namespace gauntlet::scenario
