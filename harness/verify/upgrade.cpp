#include "harness/verify/upgrade.h"

#include "harness/truth/difference.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>
#include <utility>

namespace gauntlet::verify {

namespace {

bool is_compared(std::string_view entry) {
  constexpr std::array<std::string_view, 5> left_out = {"grants on ", "comment on ", "setting of ",
                                                        "future ", "publication "};
  return std::ranges::none_of(left_out, [&](auto kind) { return entry.starts_with(kind); });
}

bool is_shape(std::string_view line) {
  constexpr std::array<std::string_view, 5> left_out = {"owner ", "options ", "toast options ",
                                                        "tablespace ", "replica identity"};
  return std::ranges::none_of(left_out, [&](auto kind) { return line.starts_with(kind); });
}

/// `3: text not null`: another number of columns before it is no other column.
std::string_view without_position(std::string_view text) {
  const std::size_t colon = text.find(": ");
  const bool numbered = colon != std::string_view::npos && colon > 0 &&
                        std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                                    [](unsigned char c) { return std::isdigit(c) != 0; });
  return numbered ? text.substr(colon + 2) : text;
}

std::string shape_of(const std::string& entry, std::string_view text) {
  if (entry.starts_with("column ")) return std::string(without_position(text));
  std::string shape;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (is_shape(line)) shape.append(line).append("\n");
  }
  return shape;
}

core::Snapshot shapes_of(const core::Snapshot& snapshot) {
  core::Snapshot shapes;
  if (!snapshot.catalogue) return shapes;
  shapes.catalogue.emplace();
  for (const auto& [entry, text] : *snapshot.catalogue)
    if (is_compared(entry)) shapes.catalogue->emplace(entry, shape_of(entry, text));
  return shapes;
}

}  // namespace

core::Judgement compare_upgrade(const Upgrade& upgrade) {
  if (!upgrade.fresh.catalogue || !upgrade.upgraded.catalogue)
    return core::unknown(
        "the upgraded schema was not compared with the fresh one: " +
        (upgrade.fresh.catalogue ? upgrade.upgraded.missing : upgrade.fresh.missing));
  const core::Snapshot fresh = shapes_of(upgrade.fresh), upgraded = shapes_of(upgrade.upgraded);
  std::optional<core::Snapshot> plain;
  if (upgrade.plain != nullptr) plain = shapes_of(*upgrade.plain);
  truth::Differences found = truth::compare({.files = fresh,
                                             .run = upgraded,
                                             .calibration = plain ? &*plain : nullptr,
                                             .own_tables = upgrade.own_tables});
  for (core::Finding& finding : found.findings) {
    finding.id = "upgrade-differs-from-fresh";
    const std::size_t diff = finding.message.find('\n');
    finding.message =
        "after all files, the copy of the given database has another schema than a database that "
        "was empty (- fresh, + upgraded):" +
        finding.message.substr(std::min(diff, finding.message.size()));
    finding.fix =
        "find the file that should have made the difference: was it skipped, did it meet an object "
        "that was there (IF NOT EXISTS), or swallow its error? Mend it in a new migration";
  }
  return core::judged(std::move(found.findings));
}

}  // namespace gauntlet::verify
