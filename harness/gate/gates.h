// Gates that hold or harm, each in front of another: a chain ends in an OpenGate.
// Safe to call from any thread.
#pragma once

#include "harness/fault/fault.h"
#include "harness/gate/gate.h"

#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace gauntlet::gate {

/// Holds each replica's first step until `replicas` of them stand there together, or patience ends.
class Barrier : public Gate {
 public:
  Barrier(Gate& next, std::size_t replicas) : next_(next), replicas_(replicas) {}

  core::Ruling at(const core::Step& step, std::chrono::milliseconds patience) noexcept override;
  void after(const core::Step& step, const core::Reply& reply) noexcept override {
    next_.after(step, reply);
  }

  /// One replica will not come any more: the others are not held for it.
  void leaves(std::size_t replica);
  /// How many stood there together when it opened; fewer than asked for if patience ended.
  std::size_t gathered() const;

 private:
  Gate& next_;
  const std::size_t replicas_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::size_t> came_;
  std::set<std::size_t> left_;
  bool open_ = false;
  std::size_t gathered_ = 0;
};

/// Does the harm of a plan, and else asks the next gate.
class Faults : public Gate {
 public:
  Faults(Gate& next, std::vector<fault::Fault> faults) : next_(next), plan_(std::move(faults)) {}

  core::Ruling at(const core::Step& step, std::chrono::milliseconds patience) noexcept override;
  void after(const core::Step& step, const core::Reply& reply) noexcept override {
    next_.after(step, reply);
  }

  std::vector<fault::Fault> unfired() const;

 private:
  Gate& next_;
  mutable std::mutex mutex_;
  fault::Plan plan_;
};

/// Does the harm of a plan to this very process: where it rules that the replica dies, SIGKILL ends
/// the process before the step crosses, or once its reply was seen.
class ProcessKiller : public Gate {
 public:
  ProcessKiller(Gate& next, std::vector<fault::Fault> faults) : faults_(next, std::move(faults)) {}

  core::Ruling at(const core::Step& step, std::chrono::milliseconds patience) noexcept override;
  void after(const core::Step& step, const core::Reply& reply) noexcept override;

 private:
  Faults faults_;
  std::mutex mutex_;
  std::set<std::pair<core::SessionId, std::size_t>> last_;  ///< steps after which it ends
};

}  // namespace gauntlet::gate
