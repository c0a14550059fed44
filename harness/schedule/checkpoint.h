// A search that was stopped, as a file from which another process goes on. One thread.
#pragma once

#include "harness/explore/bounded.h"
#include "harness/schedule/explorer.h"

#include <filesystem>
#include <optional>
#include <string>

namespace gauntlet::schedule {

class Checkpoint {
 public:
  /// `search` says what is searched, on one line: a file of another search is refused.
  Checkpoint(std::filesystem::path file, std::string search)
      : file_(std::move(file)), search_(std::move(search)) {}

  /// What the file holds, and `strategy` goes on from there; nullopt if there is no file.
  /// Throws: Error `bad-checkpoint`, `checkpoint-of-another-search`.
  std::optional<SearchResult> take(explore::Bounded& strategy) const;

  /// Replaces the file as a whole, so that a process that is killed leaves the one or the other.
  /// Throws: Error `cannot-write`.
  void write(const explore::Bounded& strategy, const SearchResult& so_far) const;

 private:
  const std::filesystem::path file_;
  const std::string search_;
};

}  // namespace gauntlet::schedule
