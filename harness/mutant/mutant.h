// Runners with one known flaw each: what a scenario must catch before its pass means anything.
//
// A flaw is put on from outside (other options, another list of files, a session that says
// something else to the server), so that nothing in the runner exists for it.
#pragma once

#include "runner/apply.h"
#include "runner/session.h"
#include "runner/source.h"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace gauntlet::mutant {

struct Mutant {
  std::string_view name;
  std::string_view flaw;  ///< one sentence
  /// Scenarios that must be violated by it, each on its own, with one of `findings`.
  std::vector<std::string_view> caught_by;
  std::vector<std::string_view> findings;

  // What makes it: each may be empty, and is called on the replica's own thread.
  void (*options)(runner::RunOptions&) = nullptr;
  void (*listing)(runner::Listing&, runner::Session&) = nullptr;
  std::unique_ptr<runner::Session> (*session)(std::unique_ptr<runner::Session>) = nullptr;
};

const std::vector<Mutant>& mutants();
const Mutant* find_mutant(std::string_view name);  ///< null if there is none

/// Hands out the mutant's sessions.
class MutantSource : public runner::SessionSource {
 public:
  MutantSource(runner::SessionSource& sessions, const Mutant& mutant)
      : sessions_(sessions), mutant_(mutant) {}
  std::unique_ptr<runner::Session> acquire(std::chrono::milliseconds patience) override {
    auto session = sessions_.acquire(patience);
    return mutant_.session == nullptr ? std::move(session) : mutant_.session(std::move(session));
  }
  bool outlives_run() const override { return sessions_.outlives_run(); }

 private:
  runner::SessionSource& sessions_;
  const Mutant& mutant_;
};

}  // namespace gauntlet::mutant
