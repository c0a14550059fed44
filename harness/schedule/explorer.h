// Runs one schedule after another, as a strategy chooses, and judges each. One thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/report.h"
#include "harness/explore/strategy.h"
#include "harness/mutant/mutant.h"
#include "harness/run/neutral_folder.h"
#include "harness/run/program.h"
#include "harness/schedule/judge.h"
#include "harness/schedule/program_run.h"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace gauntlet::schedule {

struct SearchResult;

struct SearchLimits {
  std::size_t schedules_max = 0;  ///< 0: no limit
  std::optional<std::chrono::milliseconds> time = {};
  std::function<bool()> is_interrupted = {};
  /// Called after each schedule that is not violated.
  std::function<void(const SearchResult& so_far)> progress = {};
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
  std::set<std::string> outcomes = {};  ///< by what the database's screen() replies
  /// Two statements that were pending at once and collide: by what tells them from others.
  struct Pair {
    bool tried = false;
    bool overlapped = false;  ///< both were seen inside the server at once
    /// A lock was seen to keep one of them out until the other is done, or one of them was seen to
    /// end before it came to what they collide on.
    bool ordered = false;
    bool is_decided() const { return overlapped || ordered; }
  };
  std::map<std::string, Pair> pairs = {};
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

  /// `so_far` is what another process had come to with the same search; the limits are those of
  /// this call alone.
  SearchResult search(explore::Strategy& strategy, const SearchLimits& limits,
                      SearchResult so_far = {});
  /// The strategy's next run; it has begun already.
  Ran run(explore::Strategy& strategy);
  /// From now on the two statements of an overlap are only let go together, or held again.
  void hold_overlaps(bool holds) {
    holds_overlaps_ = holds;
    started_.clear();
  }
  /// Are there more runs to come? Then programs are started before their schedule's turn.
  void start_ahead(bool starts) {
    starts_ahead_ = starts;
    if (!starts) started_.clear();
  }

 private:
  run::Serial run_serially(arena::Arena& arena);
  void prepare();
  void run_alone(std::size_t at);
  Judged judge_after_harm(const ScheduleSeen& seen, std::size_t harmed);
  ScheduleSeen run_stage(std::size_t at, std::vector<scenario::Call> calls,
                         explore::Strategy& strategy, const mutant::Mutant* mutant);
  ScheduleSeen run_programs(std::size_t at, std::size_t replicas, explore::Strategy& strategy);
  std::unique_ptr<StartedPrograms> start_programs(std::size_t at, std::size_t replicas);

  const Trial& trial_;
  const ExploredSubject subject_;
  ExploredDatabase database_;
  bool is_prepared_ = false;
  bool holds_overlaps_ = true;
  bool is_rerun_ = false;  ///< of one replica, after another one was harmed
  /// Of a program, by stage: what it reads, made for the database that is used now.
  std::vector<std::unique_ptr<run::NeutralFolder>> projects_ = {};
  std::size_t projects_for_ = 0;
  /// Replicas of schedules to come, of the explored stage; how many schedules ahead is enough.
  std::deque<std::unique_ptr<StartedPrograms>> started_ = {};
  std::size_t ahead_ = 1, ahead_max_ = 4;
  bool starts_ahead_ = false;  ///< a search or several replays are under way
  run::Serial serial_;
  ScheduleJudge judge_;
};

}  // namespace gauntlet::schedule
