#include "harness/formats/layouts.h"

#include <algorithm>

namespace gauntlet::formats {

const std::vector<Format>& formats() {
  static const std::vector<Format> all = {
      gauntlet(),   golang_migrate(), dbmate(), goose(),           node_pg_migrate(),
      sqitch(),     sql_migrate(),    sqlx(),   flyway(),          refinery(),
      diesel(),     prisma(),         pop(),    version_folders(), plain(),
      order_file(), maragu_migrate(),
  };
  return all;
}

const Format* find_format(std::string_view name) {
  const auto found = std::find_if(formats().begin(), formats().end(),
                                  [name](const Format& format) { return format.name == name; });
  return found == formats().end() ? nullptr : &*found;
}

Format as_read_by_any_runner(Format format) {
  format.rules.asks_a_runner = true;
  if (format.rules.duplicates == Rules::Duplicates::refused)
    format.rules.duplicates = Rules::Duplicates::warned;
  if (format.rules.lone_down == Rules::LoneDown::refused)
    format.rules.lone_down = Rules::LoneDown::skipped;
  return format;
}

}  // namespace gauntlet::formats
