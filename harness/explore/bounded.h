// All schedules with at most so many preemptions, each once: first those with none, then those with
// one, and so on; then, in the same order, those in which statements overlap once, twice, and so
// on; and then those in which a replica is harmed. A schedule is found from the one with which it
// shares its beginning.
//
// Which of two statements that overlap ends first is up to the server. So a schedule that shares an
// overlap with the one from which it was found may become another one: that is counted, and is no
// divergence.
//
// Source: iterative context bounding, Musuvathi and Qadeer, PLDI 2007.
#pragma once

#include "harness/explore/strategy.h"

#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::explore {

/// A part of the search, for several machines. The parts are disjoint and their union is the whole.
struct Shard {
  std::size_t number = 1, of = 1;  ///< number from 1
};

class Bounded : public Strategy {
 public:
  explicit Bounded(std::size_t preemptions_max, Shard shard = {});

  bool begin() override;
  std::size_t choose(const Point& point) override;
  void end(const Moments& moments) override;
  std::string divergence() const override { return divergence_; }

  /// The runs that ended, by their number of preemptions. Runs that belong to another shard, and
  /// that this shard needs only to find its own, are not among them.
  const std::vector<std::size_t>& done() const { return done_; }
  std::size_t left() const;  ///< known, and not run yet
  /// Runs that became others after an overlap.
  std::size_t changed_after_overlap() const { return changed_; }
  bool counts() const override { return is_ours_; }

 private:
  using Prefix = std::vector<Choice>;

  void add_siblings(const Moments& moments);
  bool is_of_this_shard(const Prefix& prefix, std::size_t preemptions) const;

  const std::size_t preemptions_max_;
  const Shard shard_;
  /// What is run first: fewer faults, then fewer overlaps, then fewer preemptions.
  struct Level {
    std::size_t faults = 0, overlaps = 0, preemptions = 0;
    auto operator<=>(const Level&) const = default;
  };

  std::map<Level, std::vector<Prefix>> left_;  ///< the last of each level is run first
  std::vector<std::size_t> done_;
  Prefix prefix_ = {};  ///< of the run that is under way
  std::size_t at_ = 0;
  std::size_t preemptions_ = 0;
  bool is_ours_ = true;
  bool is_past_overlap_ = false, has_changed_ = false;
  std::size_t changed_ = 0;
  std::string divergence_ = {};
};

}  // namespace gauntlet::explore
