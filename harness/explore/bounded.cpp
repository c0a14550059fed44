#include "harness/explore/bounded.h"

#include "harness/core/fnv1a.h"

#include <utility>

#include <fmt/format.h>

namespace gauntlet::explore {

namespace {

std::uint64_t hash_of(const std::vector<Choice>& choices) {
  std::uint64_t hash = core::fnv1a("");
  for (const Choice& choice : choices)
    hash = core::fnv1a(fmt::format("{}.{} {} {:x};", choice.session.replica, choice.session.number,
                                   to_string(choice.what), choice.fingerprint),
                       hash);
  return hash;
}

}  // namespace

Bounded::Bounded(std::size_t preemptions_max, Shard shard)
    : preemptions_max_(preemptions_max),
      shard_(shard),
      left_(preemptions_max + 1),
      done_(preemptions_max + 1) {
  left_.front().emplace_back();  // the run without a single choice of ours
}

bool Bounded::begin() {
  for (preemptions_ = 0; preemptions_ < left_.size(); ++preemptions_) {
    if (left_[preemptions_].empty()) continue;
    prefix_ = std::move(left_[preemptions_].back());
    left_[preemptions_].pop_back();
    at_ = 0;
    divergence_.clear();
    is_ours_ = is_of_this_shard(prefix_, preemptions_);
    return true;
  }
  return false;
}

std::size_t Bounded::choose(const Point& point) {
  if (at_ >= prefix_.size() || !divergence_.empty()) return default_option(point);
  const Choice& meant = prefix_[at_++];
  if (const auto found = find(point, meant)) return *found;
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
  if (divergence_.empty()) add_siblings(moments);
}

// Only after the prefix: what differs earlier was found from an earlier run.
void Bounded::add_siblings(const Moments& moments) {
  std::size_t spent = 0;
  Prefix so_far;
  std::vector<std::vector<Prefix>> found(left_.size());
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
      found[preemptions].push_back(std::move(prefix));
    }
    spent += preemptions_of(moment.point, moment.chosen);
    so_far.push_back(choice_of(moment.option()));
  }
  // Early preemptions are tried first.
  for (std::size_t level = 0; level < left_.size(); ++level)
    for (auto prefix = found[level].rbegin(); prefix != found[level].rend(); ++prefix)
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
  for (const auto& level : left_) sum += level.size();
  return sum;
}

}  // namespace gauntlet::explore
