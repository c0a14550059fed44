// The gate that does a harm to one step of a run, and lets all others pass. at() and after() belong
// to the proxy's thread, the rest to any.
#pragma once

#include "harness/crash/points.h"
#include "harness/fault/harm.h"
#include "harness/gate/async_gate.h"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace gauntlet::crash {

class HarmGate : public gate::AsyncGate {
 public:
  /// With `stands`, a step stands also where the harm could be ruled at once; do_harm() does it.
  enum class Stands { where_needed, always };
  HarmGate(Target target, const fault::Harm& harm, Stands stands)
      : target_(std::move(target)), harm_(harm), stands_(stands) {}

  std::optional<core::Ruling> at(const core::Step& step, std::chrono::milliseconds patience,
                                 const gate::Held& held) noexcept override;
  void after(const core::Step& step, const core::Reply& reply) noexcept override;

  /// Ends the client before it can see that its connection ends. Called on the proxy's thread.
  void kill_with(std::function<void()> kill);

  /// The step has come.
  bool has_fired() const;
  /// It stands at the gate until somebody rules: its session.
  std::optional<core::SessionId> standing() const;
  /// Rules what the harm rules at once, or lets it go.
  void do_harm();
  /// Lets it go. What the server replies, nobody sees.
  void let_go_unheard();
  /// Lets it go, as if nothing were.
  void let_go();
  /// The server has answered it.
  bool is_answered() const;

 private:
  void rule(core::Ruling ruling);
  std::optional<core::Ruling> ruling_of(const core::Step& step) const;

  const Target target_;
  const fault::Harm harm_;
  const Stands stands_;
  mutable std::mutex mutex_;
  std::function<void()> kill_ = {};
  std::size_t seen_ = 0;
  bool fired_ = false, answered_ = false;
  std::optional<core::SessionId> session_ = {};
  std::size_t index_ = 0;
  std::optional<gate::Held> held_ = {};
  std::optional<core::Ruling> ruling_ = {};  ///< of the step that stands
};

}  // namespace gauntlet::crash
