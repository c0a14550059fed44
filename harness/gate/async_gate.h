// The same seam for a door that must not block: one thread that serves many sessions.
#pragma once

#include "harness/gate/gate.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace gauntlet::gate {

/// Where a door takes the rulings of steps that are held. Safe on any thread.
class RulingInbox {
 public:
  virtual ~RulingInbox() = default;
  virtual void take(std::uint64_t ticket, core::Ruling ruling) noexcept = 0;
};

/// A step that stands at the gate: the way back to the door that asked. Safe on any thread. The
/// first ruling counts; after patience or the session has ended, or the door is gone, none does.
class Held {
 public:
  Held(std::weak_ptr<RulingInbox> inbox, std::uint64_t ticket)
      : inbox_(std::move(inbox)), ticket_(ticket) {}

  void rule(core::Ruling ruling) const noexcept {
    if (const auto inbox = inbox_.lock()) inbox->take(ticket_, std::move(ruling));
  }

 private:
  std::weak_ptr<RulingInbox> inbox_;
  std::uint64_t ticket_;
};

/// Rules about each step, as a Gate does, without ever keeping its caller waiting.
///
/// at() gives the ruling, or nullopt: then it comes through `held`, from any thread, and only that
/// session waits for it. A session has one step at the gate at a time. The door lets a step that
/// is held longer than `patience` proceed. A held step whose session ends is simply never let go.
class AsyncGate {
 public:
  virtual ~AsyncGate() = default;

  virtual std::optional<core::Ruling> at(const core::Step& step, std::chrono::milliseconds patience,
                                         const Held& held) noexcept = 0;
  virtual void after(const core::Step& step, const core::Reply& reply) noexcept = 0;

  // A session's beginning and end, for a gate that has to know what moves.
  virtual void begins(core::SessionId /*session*/) noexcept {}  ///< its client asks to be let in
  virtual void opened(core::SessionId /*session*/, int /*backend_pid*/) noexcept {}
  /// Its client has gone, or said goodbye; the server may still hold what the session took.
  virtual void leaves(core::SessionId /*session*/) noexcept {}
  /// The server has let go of it.
  virtual void closed(core::SessionId /*session*/) noexcept {}
};

/// Asks a gate whose at() takes no time.
class AtOnce : public AsyncGate {
 public:
  explicit AtOnce(Gate& gate) : gate_(gate) {}

  std::optional<core::Ruling> at(const core::Step& step, std::chrono::milliseconds patience,
                                 const Held&) noexcept override {
    return gate_.at(step, patience);
  }
  void after(const core::Step& step, const core::Reply& reply) noexcept override {
    gate_.after(step, reply);
  }

 private:
  Gate& gate_;
};

}  // namespace gauntlet::gate
