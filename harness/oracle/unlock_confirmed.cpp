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

// The replica's last lock before this unlock. Without one it may unlock just to be safe.
const Holding* lock_before(const LockStory& story, const Unlock& unlock) {
  const Holding* last = nullptr;
  for (const Holding& holding : story.holdings) {
    const bool before = holding.step < unlock.step;
    if (holding.session.replica == unlock.session.replica && before) last = &holding;
  }
  return last;
}

// Whoever took a lock several times may unlock until the server says false.
bool was_unlocked_since(const LockStory& story, const Holding& lock, const Unlock& unlock) {
  return std::any_of(story.unlocks.begin(), story.unlocks.end(), [&](const Unlock& earlier) {
    return earlier.session == unlock.session && earlier.answer == Unlock::Answer::done &&
           lock.step < earlier.step && earlier.step < unlock.step;
  });
}

bool is_unconfirmed(const LockStory& story, const Unlock& unlock) {
  if (unlock.answer == Unlock::Answer::done || unlock.answer == Unlock::Answer::lost) return false;
  const Holding* lock = lock_before(story, unlock);
  // A transaction's lock was given up with it: to unlock that too is needless, and harmless.
  if (lock != nullptr && lock->end == Holding::End::transaction_ended) return false;
  return lock != nullptr && !was_unlocked_since(story, *lock, unlock);
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
  core::Judgement whole = core::judged({});
  for (const Unlock& unlock : story.unlocks) {
    if (!is_unconfirmed(story, unlock)) continue;
    const Event* end = history.exit_of(unlock.session.replica);
    if (end == nullptr || end->kind == Event::Kind::killed) {
      core::merge(whole, core::unknown(fmt::format("replica {} was not seen to end by itself",
                                                   unlock.session.replica)));
    } else if (end->exit_code && std::count(observation.success_codes.begin(),
                                            observation.success_codes.end(), *end->exit_code) > 0) {
      core::merge(whole, core::judged({ignored(history, unlock, *end->exit_code)}));
    }
  }
  if (story.unlocks.empty()) {
    const bool all_end_so = std::ranges::all_of(story.holdings, [](const Holding& holding) {
      return holding.end == Holding::End::transaction_ended;
    });
    whole.reason = all_end_so ? "no replica unlocks: each lock ends with its transaction"
                              : "no replica unlocks: each leaves the lock by closing its session";
  }
  return whole;
}

}  // namespace gauntlet::oracle
