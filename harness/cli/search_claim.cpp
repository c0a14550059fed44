#include "harness/cli/search_claim.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::cli {

using End = schedule::SearchResult::End;

std::string SearchClaim::what_holds(const explore::Moments& moments) const {
  if (bounded_ == nullptr) return {};
  const std::size_t overlaps = explore::overlaps_in(moments);
  const std::size_t both = overlaps + explore::preemptions_in(moments);
  if (both == 0) return {};
  if (overlaps == 0)
    return fmt::format("every schedule with fewer than {} preemptions holds", both);
  return both == 1 ? "every schedule without a preemption and without an overlap holds"
                   : fmt::format(
                         "every schedule with fewer than {} preemptions and overlaps, "
                         "taken together, holds",
                         both);
}

std::string SearchClaim::left_text() const {
  return bounded_ == nullptr ? "" : fmt::format(", {} known and not run yet", bounded_->left());
}

core::Judgement SearchClaim::judgement_of(const schedule::SearchResult& found) const {
  if (found.undecided > 0)
    return core::unknown(fmt::format("{} of {} schedules could not be decided; the first: {}",
                                     found.undecided, found.schedules, found.first_undecided));
  if (found.diverged > 0)
    return core::unknown(fmt::format(
        "{} of {} schedules did not repeat the beginning that they share with an earlier "
        "one, so parts of the search were not reached; the first: {}",
        found.diverged, found.schedules, found.first_divergence));
  if (command_.accept_partial) return core::judged({});
  if (found.end == End::completed && pairs_left_out(found) == 0) return core::judged({});
  if (found.end == End::completed)
    return core::unknown(fmt::format(
        "{} of {} pairs of statements that collide were never inside the server at once, and no "
        "lock was seen to keep them apart; --preemptions {} may reach more of them, "
        "--accept-partial accepts that",
        pairs_left_out(found), found.pairs.size(), command_.preemptions + 1));
  return core::unknown(fmt::format(
      "stopped {} before the bound; {}--accept-partial accepts that",
      found.end == End::interrupted ? "by a signal" : "by --schedules or --time",
      command_.checkpoint.empty() ? "--checkpoint FILE makes a search that can be continued, "
                                  : "the same command continues the search, "));
}

/// A shard has the pairs that it tried itself; another one has those that are left.
std::size_t SearchClaim::pairs_left_out(const schedule::SearchResult& found) const {
  return static_cast<std::size_t>(std::ranges::count_if(found.pairs, [&](const auto& pair) {
    return !pair.second.is_decided() && (pair.second.tried || command_.shard.of == 1);
  }));
}

std::string SearchClaim::overlaps_text(const schedule::SearchResult& found) const {
  if (found.pairs.empty()) return "no two statements that collide were pending at once";
  std::size_t overlapped = 0, ordered = 0;
  for (const auto& [name, pair] : found.pairs) {
    if (pair.overlapped) ++overlapped;
    if (!pair.overlapped && pair.ordered) ++ordered;
  }
  std::string text =
      fmt::format("{} of {} pairs of statements that collide overlapped inside the server",
                  overlapped, found.pairs.size());
  if (ordered > 0) text += fmt::format(", {} are kept apart by a lock", ordered);
  if (bounded_ != nullptr && bounded_->changed_after_overlap() > 0)
    text += fmt::format(" ({} schedules went on in another order after an overlap)",
                        bounded_->changed_after_overlap());
  return text;
}

std::string SearchClaim::claim_of(const schedule::SearchResult& found) const {
  std::string speed = fmt::format("{} distinct outcomes", found.outcomes.size());
  if (found.schedules > 0)
    speed += fmt::format("; {:.0f} schedules a second",
                         static_cast<double>(found.schedules) / found.seconds.count());
  if (bounded_ == nullptr)
    return fmt::format("{} random schedules of seed {}, at statement granularity; {}; {}",
                       found.schedules, seed_, overlaps_text(found), speed);
  const bool is_whole = found.end == End::completed;
  return fmt::format("{} {} schedules {}; {}; {}", is_whole ? "all" : "the first", found.schedules,
                     bound_text(is_whole), overlaps_text(found), speed);
}

std::string SearchClaim::bound_text(bool is_whole) const {
  std::string bound = fmt::format("with at most {} preemptions{}, at statement granularity",
                                  command_.preemptions, command_.faults ? " and one fault" : "");
  if (command_.shard.of > 1)
    bound += fmt::format(", of shard {}/{}", command_.shard.number, command_.shard.of);
  if (!is_whole) bound += left_text();
  if (bounded_->equal() > 0)
    bound += fmt::format(
        " ({} more need no run: each differs from one of them only in the order of statements that "
        "do not conflict)",
        bounded_->equal());
  return bound;
}

}  // namespace gauntlet::cli
