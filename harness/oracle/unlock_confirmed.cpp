// Whoever is told that its unlock did not unlock does not report success.
#include "harness/oracle/advisory_locks.h"
#include "harness/oracle/effects.h"
#include "harness/oracle/judges.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::Event;

bool is_unconfirmed(const Unlock& unlock) {
  return unlock.answer == Unlock::Answer::not_held || unlock.answer == Unlock::Answer::refused;
}

core::Finding ignored(const core::History& history, const Unlock& unlock, int exit_code) {
  return {.id = "unlock-ignored",
          .message = fmt::format(
              "the server {} the unlock of {}, and the replica still ended with exit {}; the lock "
              "was lost before the work was done, or stays on a connection and stops every later "
              "deploy",
              unlock.answer == Unlock::Answer::refused ? "refused" : "answered false to",
              name_of(history, unlock.session), exit_code),
          .fix = "read what pg_advisory_unlock returns; on false, fail and close the connection"};
}

}  // namespace

core::Judgement unlock_confirmed(const Observation& observation) {
  const core::History& history = observation.history;
  const LockStory story = lock_story(history);
  if (story.holdings.empty()) {
    return core::unknown("no replica was seen to be given an advisory lock");
  }
  core::Judgement whole;
  for (const Unlock& unlock : story.unlocks) {
    // Without a lock of its own a replica may unlock just to be safe.
    const bool had_lock = std::any_of(
        story.holdings.begin(), story.holdings.end(),
        [&](const Holding& holding) { return holding.session.replica == unlock.session.replica; });
    if (!is_unconfirmed(unlock) || !had_lock) continue;
    const Event* end = history.exit_of(unlock.session.replica);
    if (end == nullptr || end->kind == Event::Kind::killed) {
      core::merge(whole, core::unknown(fmt::format("replica {} was not seen to end by itself",
                                                   unlock.session.replica)));
    } else if (end->exit_code && std::count(observation.ok_exits.begin(),
                                            observation.ok_exits.end(), *end->exit_code) > 0) {
      core::merge(whole, core::judged({ignored(history, unlock, *end->exit_code)}));
    }
  }
  if (story.unlocks.empty()) {
    whole.reason = "no replica unlocks: each leaves the lock by closing its session";
  }
  return whole;
}

}  // namespace gauntlet::oracle
