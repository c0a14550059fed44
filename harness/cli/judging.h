// What one thread needs to judge runs of its own beside others: an arena on the common ground, and
// a Verifier in it whose doings are told on the common live line.
#pragma once

#include "harness/cli/ground.h"
#include "harness/cli/live_line.h"
#include "harness/run/run.h"

#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::cli {

/// Belongs to one thread; the ground and the line outlive it.
class Judging {
 public:
  /// Throws: Error of the arena.
  Judging(const Ground& ground, LiveLine& line, run::Options options)
      : arena_(ground.open_arena()), verifier_(*arena_, told(std::move(options), line)) {}
  Judging(const Judging&) = delete;
  Judging& operator=(const Judging&) = delete;

  /// `position` stands before what the live line tells: `3 of 60`.
  run::Verifier& at(std::string position) {
    position_ = std::move(position);
    return verifier_;
  }

 private:
  run::Options told(run::Options options, LiveLine& line) {
    options.progress = [this, &line](std::string_view doing) {
      line.show(fmt::format("{}: {}", position_, doing));
    };
    return options;
  }

  std::string position_ = {};
  const std::unique_ptr<arena::Arena> arena_;
  run::Verifier verifier_;
};

}  // namespace gauntlet::cli
