// Tells a run as it goes: what happens when it happens, and from time to time that a migration
// which takes long still runs. Called by the thread that runs; a thread of its own keeps the time.
#pragma once

#include "runner/apply.h"

#include <chrono>
#include <cstdio>
#include <memory>

namespace gauntlet::runner {

class Progress {
 public:
  struct Options {
    enum class As {
      text,        ///< a line a migration to `out`, the rest to `err`
      live_text,   ///< the same; `err` is a terminal, where one line moves while a migration runs
      json_lines,  ///< one object a line to `out`
    };

    As as = As::text;
    /// How often a migration that takes long is told of where no line moves; 0: never.
    std::chrono::milliseconds heartbeat{10'000};
    std::FILE* out = stdout;
    std::FILE* err = stderr;
  };

  explicit Progress(const Options& options);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void operator()(const Event& event);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gauntlet::runner
