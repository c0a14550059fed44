// The scheduler's part in overlaps: which are offered, and how both statements are let go.
#include "harness/schedule/scheduler.h"

#include <algorithm>

namespace gauntlet::schedule {

namespace {

using core::SessionId;
using explore::Met;
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
Met Scheduler::let_both_go(std::unique_lock<std::mutex>& held, const Option& option) {
  last_ = option.beside->session.replica;
  const bool holds = limits_.holds_overlaps && overlaps_->hold(option.beside->on);
  let_session_go(option.session);
  const Met first = holds ? comes_inside(held, option.session) : Met::not_held;
  let_session_go(option.beside->session);
  const Met second = holds ? comes_inside(held, option.beside->session) : Met::not_held;
  if (holds) overlaps_->release();
  ++events_;
  if (first == Met::ordered || second == Met::ordered) return Met::ordered;
  return first == Met::inside ? second : first;
}

// Inside is one that waits for our hold. One that waits for another session is kept from it by a
// lock of that session.
Met Scheduler::comes_inside(std::unique_lock<std::mutex>& held, SessionId id) {
  const auto until = steady_clock::now() + inside_within;
  const SessionState& session = sessions_[id];
  while (session.state == State::in_server && steady_clock::now() < until) {
    const int pid = session.backend_pid;
    held.unlock();
    const Blocked blocked = server_.query({pid});
    held.lock();
    const auto waits = blocked.find(pid);
    if (waits != blocked.end() && session.state == State::in_server)
      return std::ranges::find(waits->second, overlaps_->backend_pid()) != waits->second.end()
                 ? Met::inside
                 : Met::ordered;
    changed_.wait_for(held, asked_after);
  }
  return session.state == State::in_server ? Met::not_held : Met::apart;
}

}  // namespace gauntlet::schedule
