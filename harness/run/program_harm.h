// Harm that is done to a program of which only its tracker and its lock are known: reads that are
// refused, an unlock that the server denies. at() belongs to the proxy's thread, unfired() to any.
#pragma once

#include "harness/gate/gate.h"
#include "harness/scenario/scenario.h"

#include <atomic>
#include <string>

namespace gauntlet::run {

class ProgramHarm : public gate::Gate {
 public:
  /// `tracker`: the table whose reads `stage` has refused.
  ProgramHarm(gate::Gate& next, const scenario::Stage& stage, std::string tracker)
      : next_(next), stage_(stage), tracker_(std::move(tracker)) {}

  core::Ruling at(const core::Step& step, std::chrono::milliseconds patience) noexcept override;
  void after(const core::Step& step, const core::Reply& reply) noexcept override {
    next_.after(step, reply);
  }

  /// Harms of the stage whose step did not come.
  std::size_t unfired() const;

 private:
  bool is_read_to_refuse(const core::Step& step) const;

  gate::Gate& next_;
  const scenario::Stage& stage_;
  const std::string tracker_;
  std::atomic<std::size_t> refused_{0}, denied_{0};
};

}  // namespace gauntlet::run
