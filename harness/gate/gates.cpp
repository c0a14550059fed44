#include "harness/gate/gates.h"

#include <csignal>

#include <unistd.h>

namespace gauntlet::gate {

core::Ruling Barrier::at(const core::Step& step, std::chrono::milliseconds patience) noexcept {
  {
    std::unique_lock held(mutex_);
    came_.insert(step.session.replica);
    const auto all_here = [this] {
      if (open_) return true;
      std::set<std::size_t> gone = left_;
      for (const std::size_t replica : came_) gone.erase(replica);
      return came_.size() + gone.size() >= replicas_;
    };
    changed_.wait_for(held, patience, all_here);
    if (!open_) {
      open_ = true;
      gathered_ = came_.size();
    }
    changed_.notify_all();
  }
  return next_.at(step, patience);
}

void Barrier::leaves(std::size_t replica) {
  const std::lock_guard held(mutex_);
  left_.insert(replica);
  changed_.notify_all();
}

std::size_t Barrier::gathered() const {
  const std::lock_guard held(mutex_);
  return gathered_;
}

core::Ruling Faults::at(const core::Step& step, std::chrono::milliseconds patience) noexcept {
  core::Ruling ruling;
  {
    const std::lock_guard held(mutex_);
    ruling = plan_.rule(step);
  }
  return ruling.what == core::Ruling::What::proceed ? next_.at(step, patience) : ruling;
}

core::Ruling ProcessKiller::at(const core::Step& step,
                               std::chrono::milliseconds patience) noexcept {
  core::Ruling ruling = faults_.at(step, patience);
  if (ruling.what == core::Ruling::What::die_before) ::kill(::getpid(), SIGKILL);
  if (ruling.what != core::Ruling::What::die_after) return ruling;
  const std::lock_guard held(mutex_);
  last_.insert({step.session, step.index});
  return {};
}

void ProcessKiller::after(const core::Step& step, const core::Reply& reply) noexcept {
  {
    const std::lock_guard held(mutex_);
    if (last_.contains({step.session, step.index})) ::kill(::getpid(), SIGKILL);
  }
  faults_.after(step, reply);
}

std::vector<fault::Fault> Faults::unfired() const {
  const std::lock_guard held(mutex_);
  return plan_.unfired();
}

}  // namespace gauntlet::gate
