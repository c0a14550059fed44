// Where in a history's events a run's steps begin and end: found once, so that a run of many locks
// is read in one pass. Pure; the history and the steps outlive it.
#pragma once

#include "harness/trace/tracker_use.h"

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

namespace gauntlet::trace {

class Positions {
 public:
  Positions(const core::History& history, const std::vector<ReadStep>& steps);

  /// Of the event that let the step go; nullopt if none did.
  std::optional<std::size_t> let_go(std::size_t step) const;
  /// Of the session's last answer, or of its end; 0 if there is neither.
  std::size_t last_seen(core::SessionId session) const;
  /// Of the first answer to `step` or a later one of the session after which no transaction is
  /// open; the number of events if there is none.
  std::size_t end_of_transaction(core::SessionId session, std::size_t step) const;
  /// How many bodies were let go between two events; that of `own_step` counts wherever it was.
  std::size_t bodies_between(std::size_t from, std::size_t until, std::size_t own_step) const;

 private:
  struct Answer {
    std::size_t step = 0, at = 0;
  };
  struct Session {
    std::vector<Answer> outside_transaction = {};
    std::size_t last_seen = 0;
  };

  bool has_body(std::size_t step) const;

  const std::vector<ReadStep>& steps_;
  std::size_t events_;
  std::map<core::SessionId, Session> sessions_;
  std::vector<std::optional<std::size_t>> let_go_;  ///< by step
  std::vector<std::size_t> bodies_;                 ///< ascending
};

}  // namespace gauntlet::trace
