#include "harness/explore/bounded.h"

#include "harness/core/fnv1a.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::explore {

namespace {

std::uint64_t hash_of(const std::vector<Choice>& choices) {
  std::uint64_t hash = core::fnv1a("");
  for (const Choice& choice : choices)
    hash = core::fnv1a(
        fmt::format("{}.{} {} {:x} {};", choice.session.replica, choice.session.number,
                    to_string(choice.what), choice.fingerprint, choice.beside_fingerprint),
        hash);
  return hash;
}

std::size_t overlaps_in(const std::vector<Choice>& choices) {
  return static_cast<std::size_t>(
      std::ranges::count(choices, Option::What::overlap, &Choice::what));
}

std::size_t faults_in(const std::vector<Choice>& choices) {
  return static_cast<std::size_t>(std::ranges::count_if(choices, is_fault, &Choice::what));
}

}  // namespace

Bounded::Bounded(std::size_t preemptions_max, Shard shard)
    : preemptions_max_(preemptions_max), shard_(shard), done_(preemptions_max + 1) {
  left_[{}].emplace_back();  // the run without a single choice of ours
}

bool Bounded::begin() {
  for (auto& [level, prefixes] : left_) {
    if (prefixes.empty()) continue;
    prefix_ = std::move(prefixes.back());
    prefixes.pop_back();
    preemptions_ = level.preemptions;
    at_ = 0;
    divergence_.clear();
    is_past_overlap_ = has_changed_ = false;
    is_ours_ = is_of_this_shard(prefix_, preemptions_);
    return true;
  }
  return false;
}

std::size_t Bounded::choose(const Point& point) {
  if (at_ >= prefix_.size() || !divergence_.empty() || has_changed_) return default_option(point);
  const Choice& meant = prefix_[at_++];
  if (const auto found = find(point, meant)) {
    is_past_overlap_ = is_past_overlap_ || meant.what == Option::What::overlap;
    return *found;
  }
  if (is_past_overlap_) {
    has_changed_ = true;
    ++changed_;
    return default_option(point);
  }
  std::string options;
  for (const Option& option : point.options)
    options +=
        fmt::format("{}{}.{} {} {:x} {}", options.empty() ? "" : "; ", option.session.replica,
                    option.session.number, to_string(option.what), option.fingerprint, option.text);
  divergence_ = fmt::format("at step {} the search expected {}.{} {} {:x}, saw {}", at_,
                            meant.session.replica, meant.session.number, to_string(meant.what),
                            meant.fingerprint, options);
  return default_option(point);
}

void Bounded::end(const Moments& moments) {
  if (is_ours_) ++done_[preemptions_];
  if (divergence_.empty() && !has_changed_) add_siblings(moments);
}

// Only after the prefix: what differs earlier was found from an earlier run.
void Bounded::add_siblings(const Moments& moments) {
  std::size_t spent = 0;
  Prefix so_far;
  std::map<Level, std::vector<Prefix>> found;
  for (std::size_t at = 0; at < moments.size(); ++at) {
    const Moment& moment = moments[at];
    for (std::size_t other = 0; at >= prefix_.size() && other < moment.point.options.size();
         ++other) {
      const std::size_t preemptions = spent + preemptions_of(moment.point, other);
      if (other == moment.chosen || preemptions > preemptions_max_) continue;
      Prefix prefix = so_far;
      prefix.push_back(choice_of(moment.point.options[other]));
      // All that costs nothing is run by every shard, which finds its own part from it.
      if (preemptions_ == 0 && preemptions > 0 && !is_of_this_shard(prefix, preemptions)) continue;
      const Level level{
          .faults = faults_in(prefix), .overlaps = overlaps_in(prefix), .preemptions = preemptions};
      found[level].push_back(std::move(prefix));
    }
    spent += preemptions_of(moment.point, moment.chosen);
    so_far.push_back(choice_of(moment.option()));
  }
  // Early preemptions are tried first.
  for (auto& [level, prefixes] : found)
    for (auto prefix = prefixes.rbegin(); prefix != prefixes.rend(); ++prefix)
      left_[level].push_back(std::move(*prefix));
}

// A schedule with preemptions belongs to the shard of the first one from which it was found.
bool Bounded::is_of_this_shard(const Prefix& prefix, std::size_t preemptions) const {
  if (preemptions == 0) return shard_.number == 1;
  if (preemptions_ > 0) return true;
  return hash_of(prefix) % shard_.of == shard_.number - 1;
}

std::size_t Bounded::left() const {
  std::size_t sum = 0;
  for (const auto& [level, prefixes] : left_) sum += prefixes.size();
  return sum;
}

}  // namespace gauntlet::explore
