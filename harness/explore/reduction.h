// Schedules that need not be run because one that was run, or will be, is equal: it differs only in
// the order of steps that do not conflict. Pure: one thread.
//
// Two reasons are used. Both keep the bound: the equal schedule has no more preemptions, and so
// have those that are found from it.
//  - A state is reached again. What replicas have done, and the order of the steps that conflict,
//    make the state; the choice that is made there is the same.
//  - A replica is let go one step of the other replica later, and that step conflicts with nothing
//    that it does until it cannot go on.
//
// Sources: traces, Mazurkiewicz, 1977; bounded partial-order reduction, Coons, Musuvathi and
// McKinley, OOPSLA 2013.
#pragma once

#include "harness/explore/choice.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace gauntlet::explore {

using Prefix = std::vector<Choice>;

/// The same for equal prefixes, everywhere and always.
std::uint64_t hash_of(const Prefix& prefix, std::size_t length);
std::uint64_t hash_of(const Prefix& prefix);

/// A run, as far as its steps' order matters.
struct Walk {
  std::vector<std::shared_ptr<const Footprint>> touched = {};  ///< by moment
  std::vector<std::uint64_t> state = {};                       ///< before each moment
};

/// A schedule that is to be run, and what was seen where it leaves the one from which it was found.
struct Candidate {
  Prefix prefix = {};
  /// What the step before the last of `prefix` touched, and what its replica does next; null: not
  /// known.
  std::shared_ptr<const Footprint> before = {}, next = {};
};

class Reduction {
 public:
  Walk walk(const Moments& moments);

  /// The run `moments` has ended. From position `from` on it made no choice of its own.
  void note_run(const Moments& moments, const Walk& walk, std::size_t from);

  /// True if the state at moment `at` was reached before, with the same choice and no more
  /// preemptions. If not, it is from now on.
  bool is_reached(const Walk& walk, const Point& point, std::size_t at, std::size_t option,
                  std::size_t preemptions);

  /// True if a schedule that was run is equal; then its own part counts as run.
  bool is_run(const Candidate& candidate, std::size_t preemptions);

  Candidate candidate_at(const Moments& moments, const Walk& walk, const Prefix& so_far,
                         std::size_t at, std::size_t option);

  /// All that is known, for another process.
  nlohmann::json to_json() const;
  /// Throws: nlohmann::json::exception; std::out_of_range for a footprint that is not there.
  void take(const nlohmann::json& saved);
  /// Footprints by a number, for candidates. Absent: 0.
  std::size_t number_of(const std::shared_ptr<const Footprint>& footprint) const;
  std::shared_ptr<const Footprint> numbered(std::size_t number) const;

 private:
  /// What a replica touched from a moment on, until it could not go on.
  struct Segment {
    std::shared_ptr<const Footprint> touched = {};
    std::size_t preemptions = 0;
  };
  std::shared_ptr<const Footprint> shared(Footprint footprint);

  std::size_t replicas_ = 0;
  std::map<Footprint, std::size_t> numbers_ = {};
  std::vector<std::shared_ptr<const Footprint>> shared_ = {};  ///< by number, from 1
  std::map<std::uint64_t, Segment> segments_ = {};             ///< by the hash of a prefix
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::size_t> reached_ = {};
};

}  // namespace gauntlet::explore
