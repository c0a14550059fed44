// Runs one schedule after another, as a strategy chooses, and judges each. One thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/report.h"
#include "harness/explore/strategy.h"
#include "harness/mutant/mutant.h"
#include "harness/schedule/judge.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace gauntlet::schedule {

struct SearchLimits {
  std::size_t schedules_max = 0;  ///< 0: no limit
  std::optional<std::chrono::milliseconds> time = {};
  std::function<bool()> is_interrupted = {};
  /// Called after each schedule.
  std::function<void(std::size_t schedules)> progress = {};
};

/// One schedule and what became of it.
struct Ran {
  ScheduleSeen seen = {};
  Judged judged = {};

  bool is_violated() const { return judged.judgement.verdict == core::Verdict::violated; }
};

struct SearchResult {
  enum class End { completed, violated, limit, interrupted };

  End end = End::completed;
  std::size_t schedules = 0;
  std::size_t undecided = 0;  ///< schedules whose verdict is unknown
  std::size_t diverged = 0;   ///< schedules that were not the ones that were meant
  std::string first_undecided = {}, first_divergence = {};
  std::size_t distinct_outcomes = 0;
  std::chrono::duration<double> seconds{0};
  std::optional<Ran> violation = {};
};

class Explorer {
 public:
  /// All outlive it. Throws: Error `no-serial-run` with the reason if one replica alone fails.
  Explorer(const Trial& trial, const mutant::Mutant* mutant, arena::Arena& arena);

  SearchResult search(explore::Strategy& strategy, const SearchLimits& limits);
  /// The strategy's next run; it has begun already.
  Ran run(explore::Strategy& strategy);

 private:
  void prepare();
  void run_alone(const scenario::Stage& stage, std::size_t at, const scenario::Call& call);

  const Trial& trial_;
  const mutant::Mutant* mutant_;
  run::Serial serial_;
  ExploredDatabase database_;
  ScheduleJudge judge_;
  bool is_prepared_ = false;
};

}  // namespace gauntlet::schedule
