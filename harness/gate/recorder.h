// Writes the History of a run while many sessions are at it. Safe to call from any thread.
#pragma once

#include "harness/core/history.h"

#include <chrono>
#include <mutex>

namespace gauntlet::gate {

class Recorder {
 public:
  explicit Recorder(std::size_t replicas);

  void note(core::Event event);  ///< `at` is filled in
  /// What somebody beside the replicas did.
  void note(std::string text, core::Event::Kind kind = core::Event::Kind::noted);

  std::size_t asked(core::Step step);  ///< returns its position in the history
  void let_go(std::size_t step, core::Ruling ruling);
  void answered(std::size_t step, core::Reply reply);

  void output(std::size_t replica, core::ReplicaOutput output);
  void waits(std::vector<core::SessionWait> waits);

  /// A copy of what was seen so far.
  core::History history() const;

 private:
  void add(core::Event event);
  void add_of_step(core::Event::Kind kind, std::size_t step);

  mutable std::mutex mutex_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  core::History history_;
};

}  // namespace gauntlet::gate
