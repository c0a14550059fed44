#include "harness/verify/sqlite_code_steps.h"

#include "runner/sql/lexer.h"
#include "runner/sqlite.h"
#include "runner/values/error.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

/// A tracker without checksums is one of code alone.
constexpr std::string_view code_tracker = "applied_migrations";

std::set<std::int64_t> versions_in(const arena::Address& file, std::string_view condition) {
  std::set<std::int64_t> versions;
  const auto session = runner::connect_sqlite(file.conninfo());
  for (const auto& row :
       session->query(fmt::format("SELECT version FROM {} WHERE {}", code_tracker, condition)).rows)
    versions.insert(std::stoll(row.front().value_or("0")));
  return versions;
}

std::set<std::int64_t> unchecked_in(const arena::Address& file, const core::Applied& applied) {
  if (applied.tool != "gauntlet-migrate") return {};
  return versions_in(file, "checksum IS NULL");
}

bool is_code_step(const core::AppliedRow& row, const std::set<std::int64_t>& unchecked,
                  const runner::Listing& listing) {
  return unchecked.contains(row.version) &&
         std::ranges::none_of(listing.migrations, [&](const runner::Migration& migration) {
           return migration.version.number == row.version;
         });
}

bool has_tracker(const arena::Address& file) {
  return !runner::connect_sqlite(file.conninfo())
              ->query(fmt::format(
                  "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{}'", code_tracker))
              .rows.empty();
}

/// The tracker of `from` takes the place of the file's own, and lacks one version.
void copy_tracker(const arena::Address& from, const arena::Address& to, std::int64_t without) {
  const auto session = runner::connect_sqlite(to.conninfo());
  session->send("ATTACH " + runner::quoted_by('\'', from.file().string()) + " AS ended");
  const auto made = session->query(
      fmt::format("SELECT sql FROM ended.sqlite_master WHERE sql IS NOT NULL AND tbl_name = '{}' "
                  "ORDER BY type DESC",
                  code_tracker));
  session->send(fmt::format("DROP TABLE IF EXISTS main.{}", code_tracker));
  for (const auto& row : made.rows) session->send(row.front().value_or(""));
  session->send(fmt::format("INSERT INTO main.{0} SELECT * FROM ended.{0} WHERE version <> {1}",
                            code_tracker, without));
}

}  // namespace

std::string to_string(const CodeStep& step) {
  return fmt::format("{} ({})", step.version, step.name);
}

std::vector<CodeStep> code_steps_in(const arena::Address& file, const core::Applied& applied,
                                    const runner::Listing& listing) {
  std::vector<CodeStep> steps;
  const auto unchecked = unchecked_in(file, applied);
  for (const core::AppliedRow& row : applied.rows) {
    if (is_code_step(row, unchecked, listing))
      steps.push_back({.version = row.version, .name = row.name.value_or("")});
  }
  return steps;
}

std::vector<CodeStep> steps_not_in(const arena::Address& before, std::vector<CodeStep> steps) {
  std::ranges::sort(steps, {}, &CodeStep::version);
  if (!has_tracker(before)) return steps;
  const std::set<std::int64_t> recorded = versions_in(before, "true");
  std::erase_if(steps, [&](const CodeStep& step) { return recorded.contains(step.version); });
  return steps;
}

core::Applied without_code_steps(core::Applied applied, const arena::Address& file,
                                 const runner::Listing& listing) {
  const auto unchecked = unchecked_in(file, applied);
  std::erase_if(applied.rows,
                [&](const core::AppliedRow& row) { return is_code_step(row, unchecked, listing); });
  return applied;
}

std::string CodeStepRunner::run(const CodeStep& step, const arena::Database& database) const {
  try {
    copy_tracker(ended_, database.address(), step.version);
    if (std::string why = run_(database); !why.empty()) return why;
    const bool is_recorded = versions_in(database.address(), "true").contains(step.version);
    return is_recorded ? "" : "the runner did not apply it where every other step is applied";
  } catch (const runner::Error& error) {
    return error.what();
  }
}

}  // namespace gauntlet::verify
