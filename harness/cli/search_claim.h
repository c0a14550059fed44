// What a search says that it has shown: the bound it came to, and what it left out. Pure.
#pragma once

#include "harness/cli/command_line.h"
#include "harness/explore/bounded.h"
#include "harness/schedule/explorer.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace gauntlet::cli {

class SearchClaim {
 public:
  /// `bounded` is the strategy, or null for one that draws; both outlive it.
  SearchClaim(const ExploreCommand& command, const explore::Bounded* bounded, std::uint64_t seed)
      : command_(command), bounded_(bounded), seed_(seed) {}

  /// Of a search that found no violation.
  core::Judgement judgement_of(const schedule::SearchResult& found) const;
  /// How many schedules, within which bound, and how fast.
  std::string claim_of(const schedule::SearchResult& found) const;
  /// What the search had run before it came to the one that is violated.
  std::string what_holds(const explore::Moments& moments) const;
  std::string left_text() const;

 private:
  std::size_t pairs_left_out(const schedule::SearchResult& found) const;
  std::string overlaps_text(const schedule::SearchResult& found) const;
  std::string bound_text(bool is_whole) const;

  const ExploreCommand& command_;
  const explore::Bounded* bounded_;
  const std::uint64_t seed_;
};

}  // namespace gauntlet::cli
