// Lock, bodies, tracker writes and unlock of one replica came from one server process. A hook has
// a session of its own.
#include "harness/oracle/advisory_locks.h"
#include "harness/oracle/effects.h"
#include "harness/oracle/judges.h"
#include "harness/sql/text.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::SessionId;

class Pinning {
 public:
  explicit Pinning(const Observation& observation)
      : history_(observation.history),
        hooks_(observation.hooks),
        is_claimed_(observation.one_session_is_claimed),
        story_(lock_story(observation.history)) {}

  core::Judgement judged() {
    if (story_.holdings.empty()) {
      return core::unknown("no replica was seen to be given an advisory lock");
    }
    const auto let_go = let_go_positions(history_);
    for (std::size_t step = 0; step < history_.steps.size(); ++step) {
      const core::StepRecord& record = history_.steps[step];
      const auto write = first_write(record);
      if (write && let_go[step] && !is_hook(record)) {
        look_at(record.step.session, *let_go[step], step, "wrote " + sql::one_line(*write));
      }
    }
    for (const Unlock& unlock : story_.unlocks) {
      if (const auto at = let_go[unlock.step]) look_at(unlock.session, *at, unlock.step, unlocked);
    }
    return core::judged(std::move(findings_));
  }

 private:
  bool is_hook(const core::StepRecord& record) const {
    return std::find(hooks_.begin(), hooks_.end(), sent(record)) != hooks_.end();
  }

  bool same_backend(SessionId a, SessionId b) const {
    if (a == b) return true;
    const auto backend = backend_of(history_, a);
    return backend && backend == backend_of(history_, b);
  }

  // What comes before the replica's first lock (its tracker, perhaps) is not under it, nor what
  // comes after a lock that was given up; but one that ended with its session may have been meant
  // to last.
  void look_at(SessionId session, std::size_t at, std::size_t step, const std::string& what) {
    const Holding* other = nullptr;
    for (const Holding& holding : story_.holdings) {
      if (holding.session.replica != session.replica) continue;
      if (holding.step == step) return;  // taken in the same message
      if (holding.from >= at) continue;
      if (same_backend(holding.session, session)) return;
      const bool given_up = holding.until <= at && (holding.end == Holding::End::unlocked ||
                                                    holding.end == Holding::End::transaction_ended);
      if (!given_up) other = &holding;
    }
    const bool told = std::any_of(told_.begin(), told_.end(),
                                  [&](std::size_t replica) { return replica == session.replica; });
    if (other == nullptr || told) return;
    told_.push_back(session.replica);
    const bool is_held = at < other->until && what != unlocked;
    findings_.push_back(
        {.id = is_held && !is_claimed_ ? "lock-on-other-session" : "not-pinned",
         .message =
             fmt::format("{} took the lock, and {} {}; a session lock ends with the session "
                         "that took it, so that the other may still write when the next "
                         "replica has the lock",
                         name_of(history_, other->session), name_of(history_, session), what),
         .fix = "take one connection out of the pool for the whole run: lock, bodies, records and "
                "unlock",
         .severity =
             is_held && !is_claimed_ ? core::Severity::warning : core::Severity::violation});
  }

  static constexpr const char* unlocked = "unlocked";

  const core::History& history_;
  const std::vector<std::string>& hooks_;
  const bool is_claimed_;
  const LockStory story_;
  std::vector<std::size_t> told_;  // replicas that have their finding
  std::vector<core::Finding> findings_;
};

}  // namespace

core::Judgement pinned(const Observation& observation) { return Pinning(observation).judged(); }

}  // namespace gauntlet::oracle
