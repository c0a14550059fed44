// Where scenarios run: throwaway servers, or a given scratch server. One a command, on the main
// thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/cli/command_line.h"
#include "harness/cli/guard.h"
#include "harness/core/report.h"

#include <memory>
#include <optional>
#include <string>

namespace gauntlet::cli {

class Ground {
 public:
  /// Of a throwaway server: one for all databases, or one for each where migrations may do anything
  /// to it. A given one is what it is.
  enum class Servers { one, one_each };

  /// Throws: Error `no-database` where none was given; of the arena where it cannot be had.
  explicit Ground(const ScenarioOptions& how, Servers servers = Servers::one);

  arena::Arena& arena() { return *arena_; }
  /// Absent where the server does not tell.
  std::optional<core::ServerFacts> facts() const;
  /// Lets the databases that were kept outlive us.
  void keep();

 private:
  std::unique_ptr<Guard> guard_;           ///< of a given server; outlives what is on it
  std::unique_ptr<arena::Server> server_;  ///< null: a given one, or one each
  std::unique_ptr<arena::Arena> arena_;
};

/// The flags that a replay line repeats: database, server, timeout.
std::string replayed_flags(const ScenarioOptions& how);
/// Who was put through, and over which files.
std::string replayed_subject(const RunCommand& command);

}  // namespace gauntlet::cli
