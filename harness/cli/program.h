// The program itself, run as its users run it: for the tests of this room.
#pragma once

#include "harness/process/process.h"
#include "runner/folder_test.h"

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

namespace gauntlet::cli {

inline const std::string program = GAUNTLET_BINARY_DIR "/bin/gauntlet";
inline const std::string orders = GAUNTLET_SOURCE_DIR "/migrations/orders";

inline process::Command command_of(std::vector<std::string> words,
                                   std::map<std::string, std::string> environment = {}) {
  words.insert(words.begin(), program);
  environment.emplace("TEST_DATABASE_URL", "");
  environment.emplace("GITHUB_ACTIONS", "");  // adds annotations to every output
  return {.argv = std::move(words), .environment = std::move(environment)};
}

inline process::Finished gauntlet(std::vector<std::string> words,
                                  std::map<std::string, std::string> environment = {}) {
  return process::run(command_of(std::move(words), std::move(environment)),
                      std::chrono::seconds(120));
}

/// Asked for again until it is `wanted`; bounded.
inline bool comes_to(const std::function<bool()>& wanted) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!wanted() && std::chrono::steady_clock::now() < deadline) poll(nullptr, 0, 20);
  return wanted();
}

/// Discarded, which no key is in, if `out` is not one JSON document and nothing else.
inline nlohmann::json only_object_on(const std::string& out) {
  return nlohmann::json::parse(out, nullptr, false);
}

using runner::TestFolder;

}  // namespace gauntlet::cli
