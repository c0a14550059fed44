// The scenarios that a `test` means: of the catalogue, from TOML files, and over the user's own
// migrations. Reads files; one thread.
#pragma once

#include "harness/cli/command_line.h"
#include "harness/cli/commands.h"
#include "harness/scenario/load.h"
#include "harness/scenario/own_files.h"

#include <deque>
#include <string>
#include <vector>

namespace gauntlet::cli {

/// One that was chosen, and why it cannot be run; empty where it can.
struct ChosenScenario {
  scenario::Scenario scenario;
  std::string word;  ///< that means it alone: its id, or its file
  std::string objection = {};
  bool has_users_files = false;  ///< which may do anything to a server
};

class ScenarioChoice {
 public:
  /// Throws: UsageError; Error `unreadable-file`, `bad-scenario`, `no-such-folder`,
  /// `refused-folder`.
  ScenarioChoice(const TestCommand& command, const Catalogue& catalogue);

  const std::vector<ChosenScenario>& scenarios() const { return chosen_; }

 private:
  void replace_files(const std::string& folder);

  std::deque<scenario::Loaded> loaded_;  ///< what those from files look at
  std::vector<ChosenScenario> chosen_;
};

}  // namespace gauntlet::cli
