// No two sessions are between lock and unlock at once, by the history.
#include "harness/oracle/advisory_locks.h"
#include "harness/oracle/effects.h"
#include "harness/oracle/judges.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

bool overlap(const Holding& a, const Holding& b) {
  return std::max(a.from, b.from) < std::min(a.until, b.until);
}

/// Who writes what, by session: the events at which a write was let go.
class Writes {
 public:
  explicit Writes(const core::History& history) {
    const auto let_go = let_go_positions(history);
    for (std::size_t step = 0; step < history.steps.size(); ++step)
      if (let_go[step] && first_write(history.steps[step]))
        all_.push_back({history.steps[step].step.session, *let_go[step]});
  }
  bool any(core::SessionId session, std::size_t from, std::size_t until) const {
    return std::any_of(all_.begin(), all_.end(), [&](const Write& write) {
      return write.session == session && write.at >= from && write.at < until;
    });
  }

 private:
  struct Write {
    core::SessionId session;
    std::size_t at;
  };
  std::vector<Write> all_;
};

// Two locks of one replica are its own affair, unless they are the same lock. Two replicas may hold
// two locks at once, as of two migrations, as long as not both of them write.
bool exclude_each_other(const Holding& a, const Holding& b, const Writes& writes) {
  if (a.session == b.session || !overlap(a, b)) return false;
  if (a.key == b.key) return true;
  if (a.session.replica == b.session.replica) return false;
  return writes.any(a.session, a.from, a.until) && writes.any(b.session, b.from, b.until);
}

core::Finding both_inside(const core::History& history, const Holding& first, const Holding& second,
                          std::size_t pairs) {
  std::string message = fmt::format(
      "{} was given the lock at {}, and {} at {}, before the first had given it up; two replicas "
      "that migrate at once apply the same file twice or fail on each other's half",
      name_of(history, first.session), moment_of(history.events[first.from]),
      name_of(history, second.session), moment_of(history.events[second.from]));
  const bool same_key = first.key == second.key;
  message += same_key ? fmt::format(" (key {})", first.key)
                      : fmt::format(" (they lock two keys: {} and {})", first.key, second.key);
  if (pairs > 1) message += fmt::format("; {} such pairs in all", pairs);
  return {.id = "two-in-critical-section",
          .message = std::move(message),
          .fix = same_key ? "find what takes the lock's effect away: a shared lock, a pooler "
                            "between, or an unlock that comes too early"
                          : "derive the key from the tracker's name alone, so that every replica "
                            "computes the same"};
}

}  // namespace

core::Judgement mutual_exclusion(const Observation& observation) {
  const core::History& history = observation.history;
  const std::vector<Holding> holdings = lock_story(history).holdings;
  if (holdings.empty()) return core::unknown("no replica was seen to be given an advisory lock");
  if (std::all_of(holdings.begin(), holdings.end(),
                  [](const Holding& holding) { return holding.is_momentary(); })) {
    return core::unknown(
        "each lock was taken and given up within one message, which leaves no order to judge");
  }
  const Writes writes(history);
  std::vector<core::Finding> findings;
  std::size_t pairs = 0;
  std::pair<std::size_t, std::size_t> first_pair;
  for (std::size_t second = 1; second < holdings.size(); ++second) {
    for (std::size_t first = 0; first < second; ++first) {
      if (!exclude_each_other(holdings[first], holdings[second], writes)) continue;
      if (pairs++ == 0) first_pair = {first, second};
    }
  }
  if (pairs > 0) {
    findings.push_back(
        both_inside(history, holdings[first_pair.first], holdings[first_pair.second], pairs));
  }
  return core::judged(std::move(findings));
}

}  // namespace gauntlet::oracle
