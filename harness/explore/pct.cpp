#include "harness/explore/pct.h"

#include <algorithm>
#include <vector>

namespace gauntlet::explore {

namespace {

bool waits_alone(const Option& option) { return option.what == Option::What::wait; }

}  // namespace

bool Pct::begin() {
  at_ = 0;
  lowest_ = 0;
  priorities_.clear();
  changes_.clear();
  for (std::size_t change = 1; change < depth_; ++change) changes_.insert(random_() % steps_max_);
  return true;
}

std::int64_t& Pct::priority_of(std::size_t replica) {
  constexpr std::uint64_t distinct = 1'000'000;
  const auto [known, is_new] = priorities_.try_emplace(replica);
  if (is_new) known->second = static_cast<std::int64_t>(random_() % distinct) + 1;
  return known->second;
}

std::size_t Pct::highest(const Point& point, bool (*wanted)(const Option&)) {
  std::size_t best = point.options.size();
  for (std::size_t at = 0; at < point.options.size(); ++at) {
    if (!wanted(point.options[at])) continue;
    if (best == point.options.size() || priority_of(point.options[at].session.replica) >
                                            priority_of(point.options[best].session.replica))
      best = at;
  }
  return best;
}

// A replica that only waits lets the others go first. Where a replica is to lose its priority and
// two statements may overlap, they do so every second time.
std::size_t Pct::choose(const Point& point) {
  if (changes_.contains(at_++)) {
    std::vector<std::size_t> overlaps;
    for (std::size_t at = 0; at < point.options.size(); ++at)
      if (point.options[at].beside) overlaps.push_back(at);
    if (!overlaps.empty() && random_() % 2 == 0) return overlaps[random_() % overlaps.size()];
    const std::size_t top = highest(point, goes_on_alone);
    if (top < point.options.size()) priority_of(point.options[top].session.replica) = --lowest_;
  }
  if (const std::size_t at = highest(point, goes_on_alone); at < point.options.size()) return at;
  const std::size_t at = highest(point, waits_alone);
  if (at >= point.options.size()) return default_option(point);
  priority_of(point.options[at].session.replica) = --lowest_;
  return at;
}

void Pct::end(const Moments& moments) { steps_max_ = std::max(steps_max_, moments.size()); }

}  // namespace gauntlet::explore
