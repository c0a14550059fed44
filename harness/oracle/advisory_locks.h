// Who held which advisory lock, from when to when, as a history tells. Pure, so safe on any thread.
//
// A session may have had its lock a little longer than is said here, but never shorter: from the
// reply that gave it to the moment when the step that ends it was let go; where the session ended,
// to the last step that it was still seen to do. It is told as the replica asked for it, also where
// a fault made something else of its statement. Shared locks exclude nobody and are left out.
#pragma once

#include "harness/core/history.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::oracle {

struct Holding {
  core::SessionId session = {};
  std::string key = {};             ///< as the statement writes it, parameters put in
  std::size_t step = 0;             ///< that took it
  std::size_t from = 0, until = 0;  ///< positions in the history's events

  enum class End { open, unlocked, transaction_ended, session_ended };
  End end = End::open;

  /// It began and ended within one message: no event stands between.
  bool is_momentary() const { return until <= from; }
};

/// A call of pg_advisory_unlock.
struct Unlock {
  core::SessionId session = {};
  std::string key = {};
  std::size_t step = 0;
  enum class Answer { done, not_held, refused, lost };
  Answer answer = Answer::done;
};

struct LockStory {
  std::vector<Holding> holdings = {};  ///< in the order in which they were given
  std::vector<Unlock> unlocks = {};
};

LockStory lock_story(const core::History& history);

}  // namespace gauntlet::oracle
