#include "harness/gate/recorder.h"

#include <utility>

namespace gauntlet::gate {

using core::Event;

Recorder::Recorder(std::size_t replicas) {
  history_.replicas = replicas;
  history_.outputs.resize(replicas);
}

// Called with the mutex held: the order of events is the order in which it was taken.
void Recorder::add(Event event) {
  event.at = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start_);
  history_.events.push_back(std::move(event));
}

void Recorder::note(Event event) {
  const std::lock_guard held(mutex_);
  add(std::move(event));
}

void Recorder::note(std::string text, Event::Kind kind) {
  note({.kind = kind, .text = std::move(text)});
}

// With the mutex held.
void Recorder::add_of_step(Event::Kind kind, std::size_t step) {
  const core::SessionId session = history_.steps.at(step).step.session;
  add({.kind = kind, .replica = session.replica, .session = session.number, .step = step});
}

std::size_t Recorder::asked(core::Step step) {
  const std::lock_guard held(mutex_);
  history_.steps.push_back({.step = std::move(step)});
  add_of_step(Event::Kind::asked, history_.steps.size() - 1);
  return history_.steps.size() - 1;
}

void Recorder::let_go(std::size_t step, core::Ruling ruling) {
  const std::lock_guard held(mutex_);
  history_.steps.at(step).ruling = std::move(ruling);
  add_of_step(Event::Kind::let_go, step);
}

void Recorder::answered(std::size_t step, core::Reply reply) {
  const std::lock_guard held(mutex_);
  history_.steps.at(step).reply = std::move(reply);
  add_of_step(Event::Kind::answered, step);
}

void Recorder::output(std::size_t replica, core::ReplicaOutput output) {
  const std::lock_guard held(mutex_);
  history_.outputs.at(replica) = std::move(output);
}

void Recorder::waits(std::vector<core::SessionWait> waits) {
  const std::lock_guard held(mutex_);
  history_.waits = std::move(waits);
}

core::History Recorder::history() const {
  const std::lock_guard held(mutex_);
  return history_;
}

}  // namespace gauntlet::gate
