#include "harness/core/recorded_name.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace gauntlet::core {
namespace {

constexpr std::array<std::string_view, 7> extensions = {".up.sql", ".sql", ".mjs", ".cjs",
                                                        ".js",     ".ts",  ".up"};

}  // namespace

std::optional<std::int64_t> version_of(std::string_view text) {
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || version < 0) return std::nullopt;
  return version;
}

std::string name_of(std::string_view recorded, std::int64_t version) {
  const std::size_t digits = std::min(recorded.find_first_not_of("0123456789"), recorded.size());
  const bool separated = digits > 0 && digits < recorded.size() &&
                         (recorded[digits] == '_' || recorded[digits] == '-');
  if (separated && version_of(recorded) == version) recorded.remove_prefix(digits + 1);
  for (const std::string_view extension : extensions) {
    if (!recorded.ends_with(extension)) continue;
    recorded.remove_suffix(extension.size());
    break;
  }
  return std::string(recorded);
}

bool is_name_of(std::string_view recorded, std::string_view on_disk, std::int64_t version) {
  return recorded == on_disk || recorded == name_of(on_disk, version) ||
         name_of(recorded, version) == on_disk;
}

}  // namespace gauntlet::core
