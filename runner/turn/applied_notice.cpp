#include "runner/turn/applied_notice.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

std::string applied_notice(const std::string& tracker, std::vector<AppliedRow> rows) {
  std::ranges::sort(rows, {}, &AppliedRow::version);
  std::string text = tracker + "\n";
  for (const AppliedRow& row : rows) {
    text += fmt::format("{} {}:{} {}\n", row.version.number, row.name.size(), row.name,
                        row.checksum.value_or("-"));
  }
  return "applied " + sha256(text);
}

bool says_that_all_is_applied(const std::string& payload, const std::string& tracker,
                              const std::vector<Migration>& migrations) {
  if (!payload.starts_with("applied ") || migrations.empty()) return false;
  std::vector<AppliedRow> rows;
  rows.reserve(migrations.size());
  for (const Migration& migration : migrations) rows.push_back(row_of(migration));
  return payload == applied_notice(tracker, std::move(rows));
}

AppliedRow row_of(const Migration& migration) {
  return {.version = migration.version,
          .name = migration.name,
          .checksum = migration.checksum(),
          .applied_at = {}};
}

}  // namespace gauntlet::runner
