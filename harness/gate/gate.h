// THE SEAM: every step of every session of every subject stops here before it crosses to the
// server. Two kinds of door lead to it: a gated Session (threads of this process, SQLite) and the
// PostgreSQL wire (any program).
#pragma once

#include "harness/core/step.h"

#include <chrono>

namespace gauntlet::gate {

/// Rules about each step.
///
/// at() is called on the session's own thread, many sessions at a time, and blocks it until the
/// step may go: a barrier, a schedule or a hold is a gate that takes its time. `patience` bounds
/// it: a step held longer goes on, and the history tells. after() follows each step that crossed.
/// Neither throws; a closing gate rules proceed, so that every teardown ends.
/// Source: one scheduler asked at every switch point, Burckhardt et al., ASPLOS 2010.
class Gate {
 public:
  virtual ~Gate() = default;

  virtual core::Ruling at(const core::Step& step, std::chrono::milliseconds patience) noexcept = 0;
  virtual void after(const core::Step& step, const core::Reply& reply) noexcept = 0;
};

/// Lets everything pass.
class OpenGate : public Gate {
 public:
  core::Ruling at(const core::Step&, std::chrono::milliseconds) noexcept override { return {}; }
  void after(const core::Step&, const core::Reply&) noexcept override {}
};

}  // namespace gauntlet::gate
