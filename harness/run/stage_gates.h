// Gates that a scenario asks for by name: who was seen to ask for the lock, holds, an interruption.
// Each stands in front of another. Safe to call from any thread.
#pragma once

#include "harness/gate/gate.h"
#include "harness/scenario/scenario.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <vector>

namespace gauntlet::run {

/// What all gates of a stage know of its replicas.
class Attendance {
 public:
  explicit Attendance(std::size_t replicas) : replicas_(replicas) {}

  void asked(std::size_t replica);  ///< for the migration lock, and was answered
  void ended(std::size_t replica);
  void stands(std::size_t replica, const scenario::Hold& hold);

  /// False if it was not so in time: every replica asked, ended or stands at a hold.
  bool wait_for_all_asked(std::chrono::milliseconds patience);
  bool wait_for_all_ended(std::chrono::milliseconds patience);

  /// Holds the caller. False if the hold's time was over.
  bool wait(std::size_t replica, const scenario::Hold& hold);

 private:
  bool all_asked() const;
  bool is_over(std::size_t replica, const scenario::Hold& hold) const;
  void note(std::set<std::size_t>& whom, std::size_t replica);

  const std::size_t replicas_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::size_t> asked_, ended_, standing_;
};

/// Takes note of replicas that were refused or given the lock, or wait for it inside the server.
class SeenAsking : public gate::Gate {
 public:
  SeenAsking(gate::Gate& next, Attendance& attendance) : next_(next), attendance_(attendance) {}
  core::Ruling at(const core::Step& step, std::chrono::milliseconds patience) noexcept override;
  void after(const core::Step& step, const core::Reply& reply) noexcept override;

 private:
  gate::Gate& next_;
  Attendance& attendance_;
};

/// Holds steps, each hold as it says.
class Holds : public gate::Gate {
 public:
  Holds(gate::Gate& next, Attendance& attendance, const std::vector<scenario::Hold>& holds)
      : next_(next), attendance_(attendance), holds_(holds), paused_(holds.size()) {}
  core::Ruling at(const core::Step& step, std::chrono::milliseconds patience) noexcept override;
  void after(const core::Step& step, const core::Reply& reply) noexcept override {
    next_.after(step, reply);
  }
  /// Every hold ended as it should, and not because its time was over.
  bool all_met() const;

 private:
  bool is_paused_by(std::size_t hold, std::size_t replica);

  gate::Gate& next_;
  Attendance& attendance_;
  const std::vector<scenario::Hold>& holds_;
  mutable std::mutex mutex_;
  std::vector<std::optional<std::size_t>> paused_;  ///< by hold: the one replica that it pauses
  bool all_met_ = true;
};

/// Tells of the first step that has `sql_has`, whose replica is to be interrupted.
class Interruption : public gate::Gate {
 public:
  using Interrupt = std::function<void(std::size_t replica)>;
  Interruption(gate::Gate& next, std::string_view sql_has, Interrupt interrupt)
      : next_(next), sql_has_(sql_has), interrupt_(std::move(interrupt)) {}
  core::Ruling at(const core::Step& step, std::chrono::milliseconds patience) noexcept override;
  void after(const core::Step& step, const core::Reply& reply) noexcept override {
    next_.after(step, reply);
  }
  bool happened();

 private:
  gate::Gate& next_;
  const std::string_view sql_has_;
  const Interrupt interrupt_;
  std::mutex mutex_;
  bool done_ = false;
};

}  // namespace gauntlet::run
