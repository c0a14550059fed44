// Runners with one known flaw each: what a scenario must kill before its pass means anything.
//
// A flaw is put on from outside (other options, another list of files, a session that says
// something else to the server, another call), so that nothing in the runner exists for it.
#pragma once

#include "runner/apply.h"
#include "runner/source/source.h"
#include "runner/values/direction.h"
#include "runner/values/session.h"

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace gauntlet::mutant {

/// What a mutant's session may reach beside itself; outlives the session.
struct Surroundings {
  runner::SessionSource& sessions;
  const runner::RunOptions& options;
};

using SessionPtr = std::unique_ptr<runner::Session>;

struct Mutant {
  std::string_view name;
  std::string_view flaw;  ///< one sentence
  /// Scenarios that must be violated by it, each on its own, with one of `findings`.
  std::vector<std::string_view> killed_by;
  std::vector<std::string_view> findings;

  // What makes it: each may be empty, and is called on the replica's own thread.
  void (*options)(runner::RunOptions&) = nullptr;
  void (*listing)(runner::Listing&, runner::Session&) = nullptr;
  SessionPtr (*session)(SessionPtr, const Surroundings&) = nullptr;
  /// In the place of runner::up.
  void (*up)(runner::SessionSource&, const runner::Listing&, const runner::RunOptions&) = nullptr;
  /// In the place of parse_direction().
  runner::Direction (*direction)(std::string_view word) = nullptr;
};

const std::vector<Mutant>& mutants();
const Mutant* find_mutant(std::string_view name);  ///< null if there is none

/// Hands out the mutant's sessions.
class MutantSource : public runner::SessionSource {
 public:
  MutantSource(runner::SessionSource& sessions, const Mutant& mutant,
               const runner::RunOptions& options)
      : surroundings_{.sessions = sessions, .options = options}, mutant_(mutant) {}
  SessionPtr acquire(std::chrono::milliseconds patience) override {
    auto session = surroundings_.sessions.acquire(patience);
    return mutant_.session == nullptr ? std::move(session)
                                      : mutant_.session(std::move(session), surroundings_);
  }
  bool outlives_run() const override { return surroundings_.sessions.outlives_run(); }

 private:
  const Surroundings surroundings_;
  const Mutant& mutant_;
};

}  // namespace gauntlet::mutant
