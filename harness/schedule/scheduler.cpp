#include "harness/schedule/scheduler.h"

#include "harness/explore/label.h"

#include <algorithm>
#include <utility>

namespace gauntlet::schedule {

namespace {

using core::SessionId;
using explore::Option;
using std::chrono::milliseconds;

constexpr const char* closes_words = "(closes the connection)";

/// Was the session refused an advisory lock that it tried?
bool is_false_try(const core::Step& step, const core::Reply& reply) {
  if (step.sql.find("pg_try_advisory") == std::string::npos) return false;
  return std::ranges::any_of(reply.statements, [](const core::StatementReply& statement) {
    return statement.value == "f" || statement.value == "false";
  });
}

/// Did the statement come to nothing that its client may wait for? Then the same statement, sent
/// again at once, is a poll: between the two its client has slept.
bool is_fruitless(const core::Reply& reply) {
  if (reply.ending == core::Reply::Ending::refused) return true;
  if (reply.statements.empty()) return false;
  const core::StatementReply& last = reply.statements.back();
  // Many a client reads the same twice, and does not wait for anything.
  return !last.tag.starts_with("SELECT") && last.tag.ends_with(" 0");
}

}  // namespace

Scheduler::Scheduler(Replicas kind, std::size_t replicas, BlockedSessions& server,
                     Overlaps* overlaps, Limits limits)
    : kind_(kind), server_(server), overlaps_(overlaps), limits_(limits), replicas_(replicas) {}

// With the mutex held, as all that follows but for the calls from outside.
void Scheduler::moved() {
  ++events_;
  changed_.notify_all();
}

Option Scheduler::option_of(const core::Step& step, bool waits) const {
  Option option{.session = step.session,
                .what = waits ? Option::What::wait : Option::What::step,
                .text = explore::text_of(step),
                .fingerprint = explore::fingerprint_of(step),
                .expired = waits ? replicas_[step.session.replica].fruitless_waits : 0};
  if (limits_.footprints != nullptr && !waits)
    option.footprint = limits_.footprints->of(option.fingerprint, step.sql);
  if (overlaps_ != nullptr && !waits) overlaps_->note(option.fingerprint, step.sql);
  return option;
}

void Scheduler::begin_wait(ReplicaState& replica) {
  if (replica.seen != replica.steps_by_others) replica.fruitless_waits = 0;
}

core::Ruling Scheduler::at(const core::Step& step, milliseconds) noexcept {
  std::unique_lock held(mutex_);
  SessionState& session = sessions_[step.session];
  ReplicaState& replica = replicas_[step.session.replica];
  const bool waits = step.kind == core::Step::Kind::wait && !session.does_not_wait;
  session.does_not_wait = false;
  if (waits) begin_wait(replica);
  core::Ruling ruling = hold(held, step.session, option_of(step, waits));
  if (waits) {
    ++replica.fruitless_waits;
    replica.seen = replica.steps_by_others;
  }
  return ruling;
}

// The mutex is given up while the session stands at the gate.
core::Ruling Scheduler::hold(std::unique_lock<std::mutex>& held, SessionId id, Option option) {
  SessionState& session = sessions_[id];
  session.option = std::move(option);
  session.may_go = false;
  session.ruling = {};
  session.state = State::held;
  moved();
  changed_.wait(held, [&] { return session.may_go || is_open_; });
  session.state = State::in_server;
  session.is_blocked = false;
  moved();
  return std::exchange(session.ruling, {});
}

// A text that is only prepared runs nothing, so nothing depends on when it crosses.
std::optional<core::Ruling> Scheduler::at_the_door(const core::Step& step,
                                                   const gate::Held& ticket) noexcept {
  const std::lock_guard held(mutex_);
  SessionState& session = sessions_[step.session];
  ReplicaState& replica = replicas_[step.session.replica];
  session.is_blocked = false;
  session.option = option_of(step, false);
  replica.is_awaited = false;
  replica.switches.reset();
  const bool passes = is_open_ || step.kind == core::Step::Kind::prepare;
  session.state = passes ? State::in_server : State::held;
  if (!passes) session.ticket = ticket;
  // Whether its sleep was noticed is a matter of time, so it waits in either case.
  const bool polls = session.fruitless == session.option.fingerprint;
  const bool has_waited = !passes && std::exchange(replica.has_waited, false);
  if (!passes && polls && !has_waited && !replica.yields) {
    replica.yields = true;
    begin_wait(replica);
  }
  moved();
  if (passes) return core::Ruling{};
  return std::nullopt;
}

void Scheduler::after(const core::Step& step, const core::Reply& reply) noexcept {
  const std::lock_guard held(mutex_);
  SessionState& session = sessions_[step.session];
  ReplicaState& replica = replicas_[step.session.replica];
  session.state = State::works;
  session.is_blocked = false;
  session.fruitless.reset();
  if (is_fruitless(reply)) session.fruitless = session.option.fingerprint;
  if (session.option.what != Option::What::wait) count_step_of(step.session.replica);
  if (kind_ == Replicas::programs && is_false_try(step, reply)) {
    replica.yields = true;
    begin_wait(replica);
  }
  moved();
}

void Scheduler::count_step_of(std::size_t replica) {
  for (std::size_t other = 0; other < replicas_.size(); ++other)
    if (other != replica) ++replicas_[other].steps_by_others;
}

void Scheduler::begins(SessionId id) {
  const std::lock_guard held(mutex_);
  sessions_[id].state = State::starting;
  moved();
}

void Scheduler::opened(SessionId id, int backend_pid) {
  const std::lock_guard held(mutex_);
  sessions_[id].backend_pid = backend_pid;
  sessions_[id].state = State::works;
  moved();
}

void Scheduler::closes(SessionId id) {
  std::unique_lock held(mutex_);
  hold(held, id, {.session = id, .what = Option::What::close, .text = closes_words});
}

void Scheduler::leaves(SessionId id) {
  const std::lock_guard held(mutex_);
  sessions_[id].state = State::leaving;
  sessions_[id].ticket.reset();
  moved();
}

void Scheduler::closed(SessionId id) {
  const std::lock_guard held(mutex_);
  sessions_[id].state = State::gone;
  count_step_of(id.replica);
  moved();
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
  replicas_[replica].ended = true;
  moved();
}

}  // namespace gauntlet::schedule
