// Which advisory locks a program holds, as the server tells: however it takes them, in whatever
// language, the one that others must be kept out by is known after it ran alone once.
#pragma once

#include "harness/arena/connection.h"
#include "harness/core/history.h"
#include "harness/gate/gate.h"

#include <string>
#include <vector>

namespace gauntlet::run {

/// Asks the server after every reply which advisory locks sessions of this database hold: the
/// program must be alone in it. after() belongs to the door's thread.
class SeenLocks : public gate::Gate {
 public:
  /// Throws: Error `connect-failed`.
  SeenLocks(gate::Gate& next, const arena::Address& database);

  core::Ruling at(const core::Step& step, std::chrono::milliseconds patience) noexcept override {
    return next_.at(step, patience);
  }
  void after(const core::Step& step, const core::Reply& reply) noexcept override;

  /// In the order in which they were first seen, each as the arguments of pg_advisory_lock: `42`,
  /// `1, 2`. Once the door has closed.
  const std::vector<std::string>& arguments() const { return arguments_; }

 private:
  gate::Gate& next_;
  arena::Connection connection_;
  std::vector<std::string> arguments_;
};

/// Those of locks that were taken and given up within one message, when nobody can ask: as the
/// statements say.
std::vector<std::string> momentary_locks(const core::History& history);

}  // namespace gauntlet::run
