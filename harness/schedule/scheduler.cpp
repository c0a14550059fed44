#include "harness/schedule/scheduler.h"

#include "harness/explore/label.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::schedule {

namespace {

using core::SessionId;
using explore::Option;
using explore::Point;
using std::chrono::microseconds;
using std::chrono::steady_clock;

/// Most statements end sooner than this, and then the server need not be asked.
constexpr microseconds asked_after{250};
/// A wait for a session outside the run, such as the server's own workers, ends sooner.
constexpr std::chrono::seconds hung_after{3};

std::string_view words_of(Option::What what) {
  return what == Option::What::close ? "(closes the connection)" : "(the deadlock's victim)";
}

}  // namespace

Scheduler::Scheduler(std::size_t replicas, BlockedSessions& server, Limits limits)
    : replicas_(replicas), server_(server), limits_(limits), steps_by_others_(replicas) {}

core::Ruling Scheduler::at(const core::Step& step, std::chrono::milliseconds) noexcept {
  std::unique_lock held(mutex_);
  SessionState& session = sessions_[step.session];
  const bool waits = step.kind == core::Step::Kind::wait && !session.does_not_wait;
  session.does_not_wait = false;
  if (waits && session.seen != steps_by_others_[step.session.replica]) session.fruitless_waits = 0;
  hold(held, step.session,
       {.session = step.session,
        .what = waits ? Option::What::wait : Option::What::step,
        .text = explore::text_of(step),
        .fingerprint = explore::fingerprint_of(step),
        .expired = waits ? session.fruitless_waits : 0});
  if (waits) {
    ++session.fruitless_waits;
    session.seen = steps_by_others_[step.session.replica];
  }
  return {};
}

// With the mutex held, which is given up while the session stands at the gate.
void Scheduler::hold(std::unique_lock<std::mutex>& held, SessionId id, Option option) {
  SessionState& session = sessions_[id];
  session.option = std::move(option);
  session.may_go = false;
  session.state = State::held;
  ++events_;
  changed_.notify_all();
  changed_.wait(held, [&] { return session.may_go || is_open_; });
  session.state = State::in_server;
  session.is_blocked = false;
  ++events_;
}

void Scheduler::after(const core::Step& step, const core::Reply&) noexcept {
  const std::lock_guard held(mutex_);
  SessionState& session = sessions_[step.session];
  session.state = State::works;
  session.is_blocked = false;
  if (session.option.what != Option::What::wait) count_step_of(step.session.replica);
  ++events_;
  changed_.notify_all();
}

void Scheduler::count_step_of(std::size_t replica) {
  for (std::size_t other = 0; other < replicas_; ++other)
    if (other != replica) ++steps_by_others_[other];
}

void Scheduler::opened(SessionId id, int backend_pid) {
  const std::lock_guard held(mutex_);
  sessions_[id].backend_pid = backend_pid;
}

void Scheduler::closes(SessionId id) {
  std::unique_lock held(mutex_);
  hold(held, id,
       {.session = id,
        .what = Option::What::close,
        .text = std::string(words_of(Option::What::close)),
        .fingerprint = 0});
}

void Scheduler::closed(SessionId id) {
  const std::lock_guard held(mutex_);
  sessions_[id].state = State::gone;
  count_step_of(id.replica);
  ++events_;
  changed_.notify_all();
}

bool Scheduler::is_victim(SessionId id) {
  const std::lock_guard held(mutex_);
  return std::exchange(sessions_[id].is_victim, false);
}

void Scheduler::does_not_wait(SessionId id) {
  const std::lock_guard held(mutex_);
  sessions_[id].does_not_wait = true;
}

void Scheduler::ended(std::size_t replica) {
  const std::lock_guard held(mutex_);
  ended_.insert(replica);
  ++events_;
  changed_.notify_all();
}

// A replica has one thread: if none of its sessions is held or in the server, its client works.
bool Scheduler::client_works() const {
  std::set<std::size_t> stand = ended_;
  for (const auto& [id, session] : sessions_)
    if (session.state == State::held || session.state == State::in_server) stand.insert(id.replica);
  return stand.size() < replicas_;
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

bool Scheduler::is_parked(const SessionId& id, const SessionState& session) const {
  return session.option.what == Option::What::wait &&
         session.seen == steps_by_others_[id.replica] &&
         session.fruitless_waits >= limits_.fruitless_waits_max;
}

// A deadlock is decided before anything else goes on: the server would decide it by itself, at a
// time that nobody chose.
bool Scheduler::options_into(Point& point) const {
  point = {.options = {}, .last = last_};
  for (const SessionId& id : cycle_)
    point.options.push_back({.session = id,
                             .what = Option::What::victim,
                             .text = std::string(words_of(Option::What::victim)),
                             .fingerprint = 0});
  if (!point.options.empty()) return true;
  std::vector<Option> parked;
  for (const auto& [id, session] : sessions_) {
    if (session.state != State::held) continue;
    (is_parked(id, session) ? parked : point.options).push_back(session.option);
  }
  const bool none_but_waits = std::ranges::all_of(
      point.options, [](const Option& each) { return each.what == Option::What::wait; });
  if (none_but_waits) {
    point.options.insert(point.options.end(), parked.begin(), parked.end());
    std::ranges::sort(point.options, {}, &Option::session);
  }
  return !point.options.empty();
}

Scheduler::Settled Scheduler::settle(Point& point) {
  auto moved_last = steady_clock::now();
  std::unique_lock held(mutex_);
  std::uint64_t seen = events_;
  while (true) {
    if (ended_.size() == replicas_) return Settled::ended;
    const bool works = client_works();
    const std::vector<int> in_server = pids_in_server();
    if (!works && in_server.empty()) {
      cycle_.clear();
      return options_into(point) ? Settled::choose : Settled::stuck;
    }
    changed_.wait_for(held, asked_after, [&] { return events_ != seen; });
    const bool moved = events_ != seen;
    seen = events_;
    if (moved) {
      moved_last = steady_clock::now();
      continue;
    }
    if (steady_clock::now() - moved_last > limits_.stuck_after) return Settled::stuck;
    if (works) continue;
    held.unlock();
    const Blocked blocked = server_.query(in_server);
    held.lock();
    // Whatever happened meanwhile makes the reply worthless.
    if (events_ != seen || !note_blocked(blocked)) continue;
    if (options_into(point)) return Settled::choose;
    if (steady_clock::now() - moved_last > hung_after) return Settled::hung;
  }
}

void Scheduler::let_go(const Option& option) {
  std::unique_lock held(mutex_);
  SessionState& session = sessions_[option.session];
  ++events_;
  if (option.what == Option::What::victim) {
    session.is_victim = true;
    const int backend = session.backend_pid;
    held.unlock();
    server_.cancel(backend);
    held.lock();
    // Its error is the next event; until then nothing is settled.
    const std::uint64_t seen = events_;
    changed_.wait_for(held, limits_.stuck_after, [&] { return events_ != seen; });
    return;
  }
  last_ = option.session.replica;
  session.may_go = true;
  // The thread that was let go counts as one in the server from here on.
  session.state = State::in_server;
  changed_.notify_all();
}

void Scheduler::open() {
  const std::lock_guard held(mutex_);
  is_open_ = true;
  changed_.notify_all();
}

std::string Scheduler::state_text() {
  const std::lock_guard held(mutex_);
  std::string text;
  for (const auto& [id, session] : sessions_) {
    if (session.state == State::gone || ended_.contains(id.replica)) continue;
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
