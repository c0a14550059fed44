#include "harness/report/detail.h"

#include "harness/report/legible.h"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::report {

std::string shortened(std::string_view text, std::size_t quoted_lines) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  if (lines.size() <= quoted_lines) return std::string(text);
  const std::size_t first = std::max<std::size_t>(quoted_lines / 3, 1);
  const std::size_t last = quoted_lines - first;
  std::string kept;
  for (std::size_t at = 0; at < first; ++at) kept += std::string(lines[at]) + "\n";
  kept += fmt::format("… ({} more lines: --all)", lines.size() - first - last);
  for (std::size_t at = lines.size() - last; at < lines.size(); ++at)
    kept += "\n" + std::string(lines[at]);
  return kept;
}

std::string counts_by_id(std::span<const Group> groups) {
  std::map<std::string, std::size_t> counts;
  for (const Group& each : groups) counts[one_line(each.first().id)] += each.findings.size();
  std::vector<std::string> told;
  told.reserve(counts.size());
  for (const auto& [id, count] : counts) told.push_back(fmt::format("{} of {}", count, id));
  return fmt::format("{}", fmt::join(told, ", "));
}

}  // namespace gauntlet::report
