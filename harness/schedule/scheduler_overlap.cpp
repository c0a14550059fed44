// The scheduler's part in overlaps: which are offered, and how both statements are let go.
#include "harness/schedule/scheduler.h"

#include <algorithm>

namespace gauntlet::schedule {

namespace {

using core::SessionId;
using explore::Option;
using std::chrono::steady_clock;

/// A statement comes to the hold, or ends, sooner.
constexpr std::chrono::seconds inside_within{3};

}  // namespace

// Of one replica's sessions only the first is paired: a replica does one thing at a time.
void Scheduler::add_overlaps(std::vector<Option>& options) {
  if (overlaps_ == nullptr) return;
  const std::size_t steps = options.size();
  for (std::size_t first = 0; first < steps; ++first) {
    for (std::size_t second = first + 1; second < steps; ++second) {
      const Option &one = options[first], &other = options[second];
      if (one.what != Option::What::step || other.what != Option::What::step ||
          one.session.replica == other.session.replica)
        continue;
      const auto on = overlaps_->between(one.fingerprint, other.fingerprint);
      if (!on) continue;
      Option overlap = one;
      overlap.what = Option::What::overlap;
      overlap.beside = {.session = other.session,
                        .fingerprint = other.fingerprint,
                        .text = other.text,
                        .on = *on};
      options.push_back(std::move(overlap));
    }
  }
}

// The second comes when the first stands inside, so that both are in the same order each time.
bool Scheduler::let_both_go(std::unique_lock<std::mutex>& held, const Option& option) {
  last_ = option.beside->session.replica;
  const bool holds = limits_.holds_overlaps && overlaps_->hold(option.beside->on);
  let_session_go(option.session);
  const bool first_is_inside = holds && is_held_inside(held, option.session);
  let_session_go(option.beside->session);
  const bool second_is_inside = holds && is_held_inside(held, option.beside->session);
  if (holds) overlaps_->release();
  ++events_;
  return first_is_inside && second_is_inside;
}

// Until it waits for our hold. One that waits for somebody else, or has ended, does not.
bool Scheduler::is_held_inside(std::unique_lock<std::mutex>& held, SessionId id) {
  const auto until = steady_clock::now() + inside_within;
  const SessionState& session = sessions_[id];
  while (session.state == State::in_server && steady_clock::now() < until) {
    const int pid = session.backend_pid;
    held.unlock();
    const Blocked blocked = server_.query({pid});
    held.lock();
    const auto waits = blocked.find(pid);
    if (waits != blocked.end() && session.state == State::in_server)
      return std::ranges::find(waits->second, overlaps_->backend_pid()) != waits->second.end();
    changed_.wait_for(held, asked_after);
  }
  return false;
}

}  // namespace gauntlet::schedule
