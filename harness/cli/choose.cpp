#include "harness/cli/choose.h"

#include "harness/cli/command_line.h"

#include <algorithm>
#include <numeric>
#include <set>

#include <fmt/format.h>
#include <fnmatch.h>

namespace gauntlet::cli {

bool is_meant(std::string_view id, const std::string& word) {
  const bool is_family = id.starts_with(word) && id.substr(word.size()).starts_with('/');
  return is_family || fnmatch(word.c_str(), std::string(id).c_str(), 0) == 0;
}

std::vector<std::size_t> chosen(const std::vector<std::string_view>& ids,
                                const std::vector<std::string>& words, std::string_view what) {
  std::set<std::size_t> positions;
  for (const std::string& word : words) {
    const std::size_t before = positions.size();
    bool means_one = false;
    for (std::size_t at = 0; at < ids.size(); ++at) {
      if (!is_meant(ids[at], word)) continue;
      positions.insert(at);
      means_one = true;
    }
    if (!means_one && positions.size() == before) {
      throw UsageError(fmt::format(
          "there is no {0} `{1}`; `gauntlet list {0}s` prints the known ones", what, word));
    }
  }
  if (!words.empty()) return {positions.begin(), positions.end()};
  std::vector<std::size_t> all(ids.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

}  // namespace gauntlet::cli
