// Which scenarios or mutants a command means: ids, families and globs become the things
// themselves. Pure, so safe on any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::cli {

/// Is `id` meant by `word`: the id itself, its family (`concurrency`), or a glob, whose `*` also
/// matches a slash?
bool is_meant(std::string_view id, const std::string& word);

/// The positions in `ids` of those meant by any of `words`, in order; all where there is no word.
/// Throws: UsageError for a word that means none; `what` names the things, and `list` them.
std::vector<std::size_t> chosen(const std::vector<std::string_view>& ids,
                                const std::vector<std::string>& words, std::string_view what);

}  // namespace gauntlet::cli
