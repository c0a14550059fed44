// Schedules drawn at random so that a fault that takes few switches is found with a chance that can
// be computed: each replica has a priority, and few times in a run the one that goes on loses its
// own. The same seed draws the same schedules. One thread.
//
// Source: probabilistic concurrency testing, Burckhardt et al., ASPLOS 2010: with n replicas, k
// steps and depth d, each run finds a fault of depth d with a chance of at least 1 / (n k^(d-1)).
#pragma once

#include "harness/explore/strategy.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <set>

namespace gauntlet::explore {

class Pct : public Strategy {
 public:
  /// `depth` is one more than how often a replica loses its priority in a run.
  Pct(std::uint64_t seed, std::size_t depth) : random_(seed), depth_(depth) {}

  bool begin() override;
  std::size_t choose(const Point& point) override;
  void end(const Moments& moments) override;
  bool may_overlap() const override { return true; }

 private:
  std::int64_t& priority_of(std::size_t replica);
  /// The option of the replica with the highest priority among those that are `wanted`; their count
  /// if there is none.
  std::size_t highest(const Point& point, bool (*wanted)(const Option&));

  std::mt19937_64 random_;
  const std::size_t depth_;
  std::size_t steps_max_ = 1;  ///< of the runs so far
  std::size_t at_ = 0;
  std::int64_t lowest_ = 0;
  std::map<std::size_t, std::int64_t> priorities_;
  std::set<std::size_t> changes_;  ///< moments at which the one that goes on loses its priority
};

}  // namespace gauntlet::explore
