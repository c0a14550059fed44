// Copies of a program of which the first is killed, stopped or asked to end while the server is
// seen to run a statement of it, and the others come then. Each call uses processes of its own; the
// copies, also one that stands still, die with the calling thread.
#pragma once

#include "harness/fleet/fleet.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace gauntlet::fleet {

struct HarmOptions {
  std::size_t replicas = 4;
  std::chrono::milliseconds patience{60'000};  ///< from the first release; then the rest is killed

  enum class What {
    kill,        ///< SIGKILL, to it and all that it started
    pause,       ///< SIGSTOP, and SIGCONT once another copy has ended, or `harm_max` has passed
    ask_to_end,  ///< SIGTERM, and SIGKILL if it has not ended after `harm_max`
  };
  What what = What::kill;
  std::string at;  ///< the server must be seen to run a statement with this text
  std::chrono::milliseconds harm_max{1'500};
  std::function<void()> when_harmed = {};  ///< before the others are let go
  /// Called when all have ended, before whatever they left running in the background is killed.
  std::function<void()> when_ended = {};
};

struct Harmed {
  core::History history;
  bool happened = false;  ///< the statement was seen in time, and the harm was done
};

/// Throws: Error `cannot-start`, `connect-failed`.
Harmed harmed(const Subject& subject, const arena::Database& database,
              const std::filesystem::path& migrations, const HarmOptions& options);

}  // namespace gauntlet::fleet
