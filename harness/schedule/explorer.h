// Runs one schedule after another, as a strategy chooses, and judges each. One thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/report.h"
#include "harness/explore/strategy.h"
#include "harness/mutant/mutant.h"
#include "harness/run/neutral_folder.h"
#include "harness/run/program.h"
#include "harness/schedule/judge.h"

#include <chrono>
#include <functional>
#include <map>
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
  /// Two statements that were held at once and collide: by what tells them from others.
  struct Pair {
    bool tried = false;
    bool overlapped = false;  ///< both were seen inside the server at once
  };
  std::map<std::string, Pair> pairs = {};
  std::size_t pairs_overlapped() const;
  std::chrono::duration<double> seconds{0};
  std::optional<Ran> violation = {};
};

/// Who migrates: the reference runner in threads, with or without a flaw, or a program.
struct ExploredSubject {
  const mutant::Mutant* mutant = nullptr;
  const run::Program* program = nullptr;

  std::string name() const;
};

class Explorer {
 public:
  /// All outlive it. Throws: Error `no-serial-run` with the reason if one replica alone fails.
  Explorer(const Trial& trial, const ExploredSubject& subject, arena::Arena& arena);

  /// Runs one schedule twice. Where the second run is another one, what was expected and what came
  /// instead; empty if both are alike.
  std::string difference_between_two_runs();

  SearchResult search(explore::Strategy& strategy, const SearchLimits& limits);
  /// The strategy's next run; it has begun already.
  Ran run(explore::Strategy& strategy);
  /// From now on the two statements of an overlap are only let go together, or held again.
  void hold_overlaps(bool holds) { holds_overlaps_ = holds; }

 private:
  void prepare();
  void run_alone(std::size_t at);
  Judged judge_after_harm(const ScheduleSeen& seen, std::size_t harmed);
  ScheduleSeen run_stage(std::size_t at, std::vector<scenario::Call> calls,
                         explore::Strategy& strategy, const mutant::Mutant* mutant);
  ScheduleSeen run_programs(std::size_t at, std::size_t replicas, explore::Strategy& strategy);

  const Trial& trial_;
  const ExploredSubject subject_;
  run::Serial serial_;
  ExploredDatabase database_;
  ScheduleJudge judge_;
  bool is_prepared_ = false;
  bool holds_overlaps_ = true;
  bool is_rerun_ = false;  ///< of one replica, after another one was harmed
  /// Of a program, by stage: what it reads, made for the database that is used now.
  std::vector<std::unique_ptr<run::NeutralFolder>> projects_ = {};
  std::size_t projects_for_ = 0;
};

}  // namespace gauntlet::schedule
