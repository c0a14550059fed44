// The conductor's part of the scheduler: what moves, what may go on, and letting it go.
#include "harness/schedule/scheduler.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::schedule {

namespace {

using core::SessionId;
using explore::Option;
using explore::Point;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A wait for a session outside the run, such as the server's own workers, ends sooner.
constexpr std::chrono::seconds hung_after{3};
/// A program that sleeps, and has done nothing for so long, waits for something.
constexpr milliseconds asleep_after{15};
constexpr microseconds collected_after{500};

constexpr const char *victim_words = "(is the deadlock's victim)",
                     *waits_words = "(waits in its client)";

core::Ruling::What ruling_of(Option::What what) {
  switch (what) {
    case Option::What::die_before:
      return core::Ruling::What::die_before;
    case Option::What::die_after:
      return core::Ruling::What::die_after;
    case Option::What::lose_reply:
      return core::Ruling::What::lose_after;
    default:
      return core::Ruling::What::proceed;
  }
}

}  // namespace

// A thread does one thing at a time: where one of its sessions stands, it stands.
bool Scheduler::stands(std::size_t replica) const {
  const ReplicaState& state = replicas_[replica];
  if (state.ended || state.sleeps) return true;
  return std::ranges::any_of(sessions_, [&](const auto& each) {
    return each.first.replica == replica &&
           (each.second.state == State::held || each.second.state == State::in_server);
  });
}

bool Scheduler::all_stand() const {
  for (std::size_t replica = 0; replica < replicas_.size(); ++replica)
    if (!stands(replica)) return false;
  return true;
}

bool Scheduler::is_leaving() const {
  return std::ranges::any_of(sessions_, [&](const auto& each) {
    const bool is_left_behind = kind_ == Replicas::programs &&
                                replicas_[each.first.replica].ended &&
                                each.second.state != State::gone;
    return each.second.state == State::leaving || is_left_behind;
  });
}

bool Scheduler::all_ended() const {
  return std::ranges::all_of(replicas_, &ReplicaState::ended) && !is_leaving();
}

// One that has no session yet, or waits to be let in, will come by itself.
bool Scheduler::may_sleep(std::size_t replica) const {
  bool is_in = false;
  for (const auto& [id, session] : sessions_) {
    if (id.replica != replica) continue;
    if (session.state == State::starting || session.state == State::leaving) return false;
    is_in = true;
  }
  return is_in && !replicas_[replica].is_awaited && !stands(replica);
}

// Twice the same number means that nothing was done in between. What was sent before, and not read
// yet, is read first: whoever waits for a reply sleeps, too.
void Scheduler::look_for_sleepers(std::unique_lock<std::mutex>& held, const Watch& watch) {
  if (!watch.switches_if_asleep) return;
  const std::uint64_t seen = events_;
  for (std::size_t replica = 0; replica < replicas_.size(); ++replica) {
    if (!may_sleep(replica)) continue;
    const auto before = watch.switches_if_asleep(replica);
    const auto earlier = std::exchange(replicas_[replica].switches, before);
    if (!before || before != earlier) continue;
    held.unlock();
    const bool is_read = watch.wait_for_what_was_sent();
    held.lock();
    if (!is_read || events_ != seen || watch.switches_if_asleep(replica) != before) return;
    ReplicaState& state = replicas_[replica];
    state.sleeps = state.yields = true;
    begin_wait(state);
  }
}

std::vector<int> Scheduler::pids_in_server() const {
  std::vector<int> pids;
  for (const auto& [id, session] : sessions_)
    if (session.state == State::in_server && session.backend_pid != 0)
      pids.push_back(session.backend_pid);
  return pids;
}

// True if every statement in the server waits for another session.
bool Scheduler::note_blocked(const Blocked& blocked) {
  bool all = true;
  cycle_.clear();
  const std::vector<int> cycle = cycle_in(blocked);
  for (auto& [id, session] : sessions_) {
    if (session.state != State::in_server) continue;
    session.is_blocked = blocked.contains(session.backend_pid);
    all = all && session.is_blocked;
    if (std::ranges::find(cycle, session.backend_pid) != cycle.end()) cycle_.push_back(id);
  }
  return all;
}

bool Scheduler::is_parked(const Option& option) const {
  const ReplicaState& replica = replicas_[option.session.replica];
  return option.what == Option::What::wait && replica.seen == replica.steps_by_others &&
         replica.fruitless_waits >= limits_.fruitless_waits_max;
}

// A program that waits in its client does so until that is chosen, also if its next statement has
// come meanwhile: when it came is a matter of time.
void Scheduler::add_options_of(std::size_t replica, std::vector<Option>& options) const {
  const ReplicaState& state = replicas_[replica];
  if (state.yields) {
    options.push_back({.session = {.replica = replica},
                       .what = Option::What::wait,
                       .text = waits_words,
                       .expired = state.fruitless_waits});
    return;
  }
  for (const auto& [id, session] : sessions_)
    if (id.replica == replica && session.state == State::held) options.push_back(session.option);
}

// A deadlock is decided before anything else goes on: the server would decide it by itself, at a
// time that nobody chose.
bool Scheduler::options_into(Point& point) {
  point = {.options = {}, .last = last_};
  for (const SessionId& id : cycle_)
    point.options.push_back({.session = id, .what = Option::What::victim, .text = victim_words});
  if (!point.options.empty()) return true;
  for (std::size_t replica = 0; replica < replicas_.size(); ++replica) {
    const bool runs = std::ranges::any_of(sessions_, [&](const auto& each) {
      return each.first.replica == replica && each.second.state == State::in_server;
    });
    if (!replicas_[replica].ended && !(runs && replicas_[replica].yields))
      add_options_of(replica, point.options);
  }
  const bool none_but_waits = std::ranges::all_of(
      point.options, [](const Option& each) { return each.what == Option::What::wait; });
  if (!none_but_waits)
    std::erase_if(point.options, [&](const Option& each) { return is_parked(each); });
  add_overlaps(point.options);
  add_faults(point.options);
  return !point.options.empty();
}

Scheduler::Settled Scheduler::settle(Point& point, const Watch& watch) {
  auto moved_last = steady_clock::now(), looked_last = moved_last;
  std::unique_lock held(mutex_);
  std::uint64_t seen = events_;
  while (true) {
    if (watch.collect) {
      held.unlock();
      watch.collect();
      held.lock();
    }
    if (all_ended()) return Settled::ended;
    const bool stand = all_stand() && !is_leaving();
    const std::vector<int> in_server = pids_in_server();
    if (stand && in_server.empty()) {
      cycle_.clear();
      return options_into(point) ? Settled::choose : Settled::stuck;
    }
    changed_.wait_for(held, stand ? asked_after : std::max(asked_after, collected_after),
                      [&] { return events_ != seen; });
    const auto now = steady_clock::now();
    if (std::exchange(seen, events_) != events_) {
      moved_last = looked_last = now;
      continue;
    }
    if (now - moved_last > limits_.stuck_after) return Settled::stuck;
    if (!stand) {
      if (now - looked_last < asleep_after) continue;
      looked_last = now;
      look_for_sleepers(held, watch);
      continue;
    }
    held.unlock();
    const Blocked blocked = server_.query(in_server);
    held.lock();
    // Whatever happened meanwhile makes the reply worthless.
    if (events_ != seen || !note_blocked(blocked)) continue;
    if (options_into(point)) return Settled::choose;
    if (now - moved_last > hung_after) return Settled::hung;
  }
}

explore::Met Scheduler::let_go(const Option& option) {
  std::unique_lock held(mutex_);
  ++events_;
  if (option.what == Option::What::overlap) return let_both_go(held, option);
  if (option.what == Option::What::victim) {
    choose_victim(held, sessions_[option.session]);
    return explore::Met::not_held;
  }
  ReplicaState& replica = replicas_[option.session.replica];
  last_ = option.session.replica;
  if (kind_ == Replicas::programs && option.what == Option::What::wait) {
    replica.yields = replica.sleeps = false;
    replica.is_awaited = replica.has_waited = !stands(option.session.replica);
    replica.switches.reset();
    ++replica.fruitless_waits;
    replica.seen = replica.steps_by_others;
    return explore::Met::not_held;
  }
  is_harmed_ = is_harmed_ || explore::is_fault(option.what);
  let_session_go(option.session, {.what = ruling_of(option.what)});
  return explore::Met::not_held;
}

void Scheduler::let_session_go(SessionId id, core::Ruling ruling) {
  SessionState& session = sessions_[id];
  session.ruling = std::move(ruling);
  // From here on it counts as one in the server.
  session.state = State::in_server;
  session.may_go = true;
  if (session.ticket) std::exchange(session.ticket, std::nullopt)->rule({});
  changed_.notify_all();
}

// One fault a run: what two of them do to each other is no more than what one does twice.
void Scheduler::add_faults(std::vector<Option>& options) const {
  if (!limits_.offers_faults || is_harmed_) return;
  const std::size_t steps = options.size();
  for (std::size_t at = 0; at < steps; ++at) {
    if (options[at].what != Option::What::step) continue;
    for (const auto what :
         {Option::What::die_before, Option::What::die_after, Option::What::lose_reply}) {
      Option fault = options[at];
      fault.what = what;
      options.push_back(std::move(fault));
    }
  }
}

// Its error is the next event; until then nothing is settled.
void Scheduler::choose_victim(std::unique_lock<std::mutex>& held, SessionState& session) {
  session.is_victim = true;
  const int backend = session.backend_pid;
  const std::uint64_t seen = events_;
  held.unlock();
  server_.cancel(backend);
  held.lock();
  changed_.wait_for(held, limits_.stuck_after, [&] { return events_ != seen; });
}

void Scheduler::open() {
  const std::lock_guard held(mutex_);
  is_open_ = true;
  for (auto& [id, session] : sessions_)
    if (session.ticket) std::exchange(session.ticket, std::nullopt)->rule({});
  changed_.notify_all();
}

std::string Scheduler::state_text() {
  const std::lock_guard held(mutex_);
  std::string text;
  for (const auto& [id, session] : sessions_) {
    if (session.state == State::gone || replicas_[id.replica].ended) continue;
    const std::string_view state = session.state == State::held ? "is held at"
                                   : session.is_blocked         ? "is blocked in the server in"
                                   : session.state == State::in_server
                                       ? "runs in the server"
                                       : "works in its client after";
    text += fmt::format("{}replica {} {}: {}", text.empty() ? "" : "; ", id.replica, state,
                        session.option.text);
  }
  return text;
}

}  // namespace gauntlet::schedule
