// All schedules with at most so many preemptions, each once: first those with none, then those with
// one preemption or one overlap, and so on; and then those in which a replica is harmed. A schedule
// is found from the one with which it shares its beginning. One that is equal to another, but for
// the order of steps that do not conflict, is not run.
//
// A schedule has at most one overlap, unless two statements that collide have never been inside the
// server at once.
//
// Which of two statements that overlap ends first is up to the server. So a schedule that shares an
// overlap with the one from which it was found may become another one: that is counted, and is no
// divergence.
//
// Source: iterative context bounding, Musuvathi and Qadeer, PLDI 2007.
#pragma once

#include "harness/explore/reduction.h"
#include "harness/explore/strategy.h"

#include <compare>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace gauntlet::explore {

/// A part of the search, for several machines. The parts are disjoint and their union is the whole.
struct Shard {
  std::size_t number = 1, of = 1;  ///< number from 1
};

class Bounded : public Strategy {
 public:
  struct Options {
    std::size_t preemptions_max = 2;
    std::size_t overlaps_max = 1;  ///< of one schedule; more only for a pair that never met
    Shard shard = {};
    bool reduces = true;  ///< a schedule that is equal to another one is not run
  };
  explicit Bounded(const Options& options);
  explicit Bounded(std::size_t preemptions_max, Shard shard = {})
      : Bounded(Options{.preemptions_max = preemptions_max, .shard = shard}) {}

  bool begin() override;
  std::size_t choose(const Point& point) override;
  void end(const Moments& moments) override;
  std::string divergence() const override { return divergence_; }

  /// The runs that ended, by their number of preemptions. Runs that belong to another shard, and
  /// that this shard needs only to find its own, are not among them.
  const std::vector<std::size_t>& done() const { return done_; }
  std::size_t left() const;  ///< known, and not run yet
  /// Not run, because one that was run is equal to it.
  std::size_t equal() const { return equal_; }
  /// Runs that became others after an overlap.
  std::size_t changed_after_overlap() const { return changed_; }
  bool counts() const override { return is_ours_; }
  bool may_overlap() const override;

  /// Between two runs: all that another process needs to go on from here.
  nlohmann::json to_json() const;
  /// Before the first run: goes on where another process stopped. Throws:
  /// nlohmann::json::exception.
  void take(const nlohmann::json& saved);

 private:
  /// What is run first: fewer faults, then less of all that is not the order of a single replica.
  struct Level {
    std::size_t faults = 0, together = 0, overlaps = 0, preemptions = 0;
    auto operator<=>(const Level&) const = default;
  };

  void add_siblings(const Moments& moments);
  void add_candidate(const Moments& moments, const Walk& walk, const Prefix& so_far, std::size_t at,
                     std::size_t option, std::size_t preemptions);
  bool is_of_this_shard(const Prefix& prefix, std::size_t preemptions) const;
  bool is_needed(const Candidate& candidate, const Level& level);

  const Options options_;
  std::map<Level, std::vector<Candidate>> left_;   ///< the last of each level is run first
  std::map<Level, std::vector<Candidate>> found_;  ///< from the run that has just ended
  Reduction reduction_;
  std::set<std::string> met_;  ///< pairs that were tried
  std::vector<std::size_t> done_;
  Prefix prefix_ = {};  ///< of the run that is under way
  std::size_t at_ = 0;
  std::size_t preemptions_ = 0;
  bool is_ours_ = true;
  bool is_past_overlap_ = false, has_changed_ = false;
  std::size_t changed_ = 0, equal_ = 0;
  std::string divergence_ = {};
};

}  // namespace gauntlet::explore
