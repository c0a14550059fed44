// What a TOML file says, key by key: whatever is not understood is refused with its line, so that a
// slip of the pen never weakens a claim. Belongs to one thread; the file's path outlives it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

namespace gauntlet::scenario {

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
  /// Of an array; nullopt where the key is absent.
  std::optional<std::vector<std::string>> texts_of(const toml::table& table,
                                                   std::string_view key) const;

  std::optional<std::int64_t> number_of(const toml::table& table, std::string_view key,
                                        Between bounds) const;
  /// Of an array; nullopt where the key is absent.
  std::optional<std::vector<std::int64_t>> numbers_of(const toml::table& table,
                                                      std::string_view key, Between bounds) const;
  /// Milliseconds, at most an hour.
  std::optional<std::chrono::milliseconds> time_of(const toml::table& table,
                                                   std::string_view key) const;

  /// The position in `words` of the word that the key says; nullopt where the key is absent.
  std::optional<std::size_t> choice_of(const toml::table& table, std::string_view key,
                                       std::span<const std::string_view> words) const;

  /// Tables of an array; empty where the key is absent.
  std::vector<const toml::table*> tables_of(const toml::table& table, std::string_view key) const;

  [[noreturn]] void refuse(const toml::node& node, std::string message) const;

 private:
  std::int64_t number(const toml::node& node, std::string_view key, Between bounds) const;
  const toml::array* array_of(const toml::table& table, std::string_view key,
                              std::string_view of) const;

  const std::filesystem::path& file_;
};

}  // namespace gauntlet::scenario
