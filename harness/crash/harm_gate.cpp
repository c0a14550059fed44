#include "harness/crash/harm_gate.h"

#include "harness/sql/lock_edits.h"

#include <utility>

namespace gauntlet::crash {

using core::Ruling;
using fault::Harm;

std::optional<Ruling> HarmGate::at(const core::Step& step, std::chrono::milliseconds /*patience*/,
                                   const gate::Held& held) noexcept {
  const std::scoped_lock lock(mutex_);
  if (fired_ || step.kind == core::Step::Kind::prepare || says_of(step) != target_.says ||
      seen_++ != target_.occurrence)
    return Ruling{};
  fired_ = true;
  session_ = step.session;
  index_ = step.index;
  ruling_ = ruling_of(step);
  if (ruling_ && stands_ == Stands::where_needed) return ruling_;
  held_ = held;
  return std::nullopt;
}

std::optional<Ruling> HarmGate::ruling_of(const core::Step& step) const {
  if (harm_.what == Harm::What::cut && harm_.when == Harm::When::before)
    return Ruling{.what = Ruling::What::lose_before};
  if (harm_.what == Harm::What::refuse)
    return Ruling{.what = Ruling::What::refuse,
                  .text = harm_.sqlstate == "57014" ? "canceling statement due to user request"
                                                    : "an error that gauntlet made up",
                  .sqlstate = harm_.sqlstate};
  if (harm_.what == Harm::What::deny_unlock) {
    // Nobody holds the lock in shared mode: the server says false, and the lock stays.
    const auto denied = sql::with_shared_advisory_locks(step.sql);
    return Ruling{.what = Ruling::What::rewrite, .text = denied ? denied->sql : step.sql};
  }
  if (harm_.when == Harm::When::executed) return Ruling{.what = Ruling::What::lose_after};
  return std::nullopt;
}

void HarmGate::after(const core::Step& step, const core::Reply& /*reply*/) noexcept {
  std::function<void()> kill;
  {
    const std::scoped_lock lock(mutex_);
    if (!fired_ || answered_ || step.session != session_ || step.index != index_) return;
    answered_ = true;
    if (harm_.what == Harm::What::kill) kill = kill_;
  }
  if (kill) kill();
}

void HarmGate::kill_with(std::function<void()> kill) {
  const std::scoped_lock lock(mutex_);
  kill_ = std::move(kill);
}

bool HarmGate::has_fired() const {
  const std::scoped_lock lock(mutex_);
  return fired_;
}

std::optional<core::SessionId> HarmGate::standing() const {
  const std::scoped_lock lock(mutex_);
  return held_ ? session_ : std::nullopt;
}

void HarmGate::do_harm() {
  std::optional<Ruling> ruling;
  {
    const std::scoped_lock lock(mutex_);
    ruling = ruling_;
  }
  rule(ruling.value_or(Ruling{}));
}

void HarmGate::let_go_unheard() { rule({.what = Ruling::What::lose_after}); }

void HarmGate::let_go() { rule({}); }

bool HarmGate::is_answered() const {
  const std::scoped_lock lock(mutex_);
  return answered_;
}

void HarmGate::rule(Ruling ruling) {
  std::optional<gate::Held> held;
  {
    const std::scoped_lock lock(mutex_);
    held = std::exchange(held_, std::nullopt);
  }
  if (held) held->rule(std::move(ruling));
}

}  // namespace gauntlet::crash
