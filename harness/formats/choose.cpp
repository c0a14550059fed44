#include "harness/formats/choose.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace gauntlet::formats {
namespace {

bool is_sql(const File& file) { return file.name.ends_with(".sql"); }

std::size_t count_signs(const Format& format, const std::vector<File>& files) {
  if (format.is_its == nullptr) return 0;
  return static_cast<std::size_t>(std::count_if(files.begin(), files.end(), format.is_its));
}

}  // namespace

Choice choose(const std::vector<File>& files) {
  const Format* best = nullptr;
  std::size_t most = 0;
  for (const Format& format : formats()) {
    constexpr std::size_t weights[] = {2, 1, 10'000};
    const std::size_t signs =
        count_signs(format, files) * weights[static_cast<std::size_t>(format.sign)];
    if (signs <= most) continue;
    most = signs;
    best = &format;
  }
  if (best == nullptr) return {.format = find_format("gauntlet"), .is_sure = false};
  const auto all = static_cast<std::size_t>(std::count_if(files.begin(), files.end(), is_sql));
  const std::size_t with_sign = count_signs(*best, files);
  if (best->sign == Format::Sign::enough)
    return {.format = best, .why = fmt::format("there is {}", best->signs)};
  return {.format = best,
          .why = fmt::format("{} of {} SQL files have {}", with_sign, all, best->signs)};
}

std::string code_tool_of(const std::vector<File>& files) {
  struct Sign {
    std::string_view extension, text, tool;
  };
  constexpr std::array<Sign, 9> signs = {{{".py", "down_revision", "Alembic"},
                                          {".py", "migrations.Migration", "Django"},
                                          {".py", "from yoyo", "yoyo"},
                                          {".rb", "ActiveRecord::Migration", "Rails"},
                                          {".ts", "MigrationInterface", "TypeORM"},
                                          {".js", "MigrationInterface", "TypeORM"},
                                          {".js", "knex", "Knex"},
                                          {".ts", "knex", "Knex"},
                                          {".js", "pgm", "node-pg-migrate"}}};
  for (const File& file : files)
    for (const Sign& sign : signs)
      if (file.name.ends_with(sign.extension) && file.bytes.find(sign.text) != std::string::npos)
        return std::string(sign.tool);
  return {};
}

}  // namespace gauntlet::formats
