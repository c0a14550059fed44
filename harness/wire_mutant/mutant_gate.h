// The gate that makes a mutant of a runner: each step is changed on its way. at() and after()
// belong to the proxy's thread, the rest to any.
#pragma once

#include "harness/gate/async_gate.h"
#include "harness/wire_mutant/changes.h"

#include <atomic>
#include <mutex>
#include <string>

namespace gauntlet::wire_mutant {

class MutantGate : public gate::AsyncGate {
 public:
  MutantGate(Kind kind, Known known) : kind_(kind), known_(std::move(known)) {}

  std::optional<core::Ruling> at(const core::Step& step, std::chrono::milliseconds patience,
                                 const gate::Held& held) noexcept override;
  void after(const core::Step&, const core::Reply&) noexcept override {}

  std::size_t changed() const { return changed_; }  ///< steps
  std::string obstacle() const;                     ///< the first; empty if there was none

 private:
  const Kind kind_;
  const Known known_;
  std::atomic<std::size_t> changed_{0};
  mutable std::mutex mutex_;
  std::string obstacle_ = {};
};

}  // namespace gauntlet::wire_mutant
