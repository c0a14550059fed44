// gauntlet-migrate as a process, alone or in sixteen copies. For the tests of this folder.
#pragma once

#include "harness/process/process.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace gauntlet::runner {

inline constexpr std::chrono::seconds process_patience{120};

/// With the database in its environment, as most people give it.
inline process::Command migrate_command(std::vector<std::string> arguments,
                                        const std::string& url) {
  arguments.insert(arguments.begin(), GAUNTLET_BINARY_DIR "/bin/gauntlet-migrate");
  return {.argv = std::move(arguments), .environment = {{"DATABASE_URL", url}}};
}

/// The exit codes of sixteen copies, released together.
inline std::vector<int> codes_of_sixteen(process::Command command) {
  command.held = true;
  std::vector<process::Process> copies;
  copies.reserve(16);
  for (int copy = 0; copy < 16; ++copy) copies.push_back(process::Process::start(command));
  for (process::Process& copy : copies) copy.release();
  std::vector<int> codes;
  for (process::Process& copy : copies) {
    const auto exit = copy.wait_for(process_patience);
    codes.push_back(exit && exit->code ? *exit->code : -1);
    if (codes.back() != 0) ADD_FAILURE() << copy.err();
  }
  return codes;
}

}  // namespace gauntlet::runner
