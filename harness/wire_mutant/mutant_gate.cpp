#include "harness/wire_mutant/mutant_gate.h"

namespace gauntlet::wire_mutant {

std::optional<core::Ruling> MutantGate::at(const core::Step& step,
                                           std::chrono::milliseconds /*patience*/,
                                           const gate::Held& /*held*/) noexcept {
  if (std::string why = wire_mutant::obstacle(kind_, step); !why.empty()) {
    const std::scoped_lock lock(mutex_);
    if (obstacle_.empty()) obstacle_ = std::move(why);
  }
  auto ruling = change(kind_, step, known_, salt_of(step.session));
  if (!ruling) return core::Ruling{};
  ++changed_;
  return ruling;
}

std::string MutantGate::obstacle() const {
  const std::scoped_lock lock(mutex_);
  return obstacle_;
}

}  // namespace gauntlet::wire_mutant
