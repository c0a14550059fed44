// Where scenarios run: throwaway servers, or a given scratch server. One a command, on the main
// thread; the arenas on it may stand on any.
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

  /// Throws: Error of the arena.
  explicit Ground(const ScenarioOptions& how, Servers servers = Servers::one);

  arena::Arena& arena() const { return *arena_; }
  /// One more on the same ground, for another thread. Throws: Error of the arena.
  std::unique_ptr<arena::Arena> open_arena() const;
  /// Absent where the server does not tell.
  std::optional<core::ServerFacts> facts() const;
  /// Lets the databases that were kept outlive us.
  void keep() const;

 private:
  const ScenarioOptions how_;
  std::unique_ptr<Guard> guard_;           ///< of a given server; outlives what is on it
  std::unique_ptr<arena::Server> server_;  ///< null: a given one, or one each
  std::unique_ptr<arena::Arena> arena_;
};

/// How many runs stand on it at the same time where nobody said: most of a run is waiting, but a
/// given server is also somebody else's, and may not have the connections.
std::size_t jobs_of(const ScenarioOptions& how);

/// The flags that a replay line repeats: database, server, timeout.
std::string replayed_flags(const ScenarioOptions& how);
/// Who was put through, and over which files.
std::string replayed_subject(const TestCommand& command);

}  // namespace gauntlet::cli
