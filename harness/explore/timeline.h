// A schedule as it is told: its steps in lanes, who waited for whom, and the two steps that
// collided. Pure, so safe on any thread.
#pragma once

#include "harness/core/history.h"
#include "harness/explore/choice.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::explore {

struct TimelineStep {
  std::size_t number = 0;  ///< from 1
  core::SessionId session = {};
  Option::What what = Option::What::step;
  std::string text = {};       ///< shortened, session settings left out
  bool is_preemption = false;  ///< another replica could have gone on
  bool overlaps = false;       ///< with the next step, or the one before: both crossed at once
  std::string fault = {};      ///< `die-before`; empty: the replica was not harmed here
  std::size_t until = 0;       ///< the number of the step after which its reply came
  std::string outcome = {};    ///< `CREATE TABLE`, `42P07 relation "a" already exists`
  bool failed = false;
  std::vector<std::string> reads = {}, writes = {};  ///< relations that its text names, bare
  std::vector<std::string> defines = {};  ///< those of `writes` that it creates or alters
};

/// Two steps of different replicas on one relation, of which one at least writes it.
struct Collision {
  std::size_t first = 0, second = 0;  ///< positions in the timeline's steps
  std::string relation = {};
};

struct Timeline {
  std::size_t replicas = 0;
  std::vector<TimelineStep> steps = {};
  std::vector<std::string> ends = {};  ///< by replica: `exit 1`, `exit 0`
  std::optional<Collision> collision = {};
};

Timeline timeline_of(const Moments& moments, const core::History& history);

/// What happened, for a reader: the collision, who held which lock then, and an order that holds.
std::vector<std::string> explanation_of(const Timeline& timeline, const core::History& history);

/// A lane for each replica, for a terminal of `width` columns.
std::vector<std::string> drawn(const Timeline& timeline, std::size_t width);

}  // namespace gauntlet::explore
