// Judges what a schedule led to, by the oracles of its stage. Most schedules leave what an earlier
// one left: one query tells, and then the database is not read whole again. One thread.
#pragma once

#include "harness/observe/observe.h"
#include "harness/oracle/oracle.h"
#include "harness/run/program.h"
#include "harness/run/serial.h"
#include "harness/schedule/conduct.h"
#include "harness/schedule/database.h"
#include "harness/schedule/trial.h"

#include <map>
#include <optional>
#include <string>

namespace gauntlet::schedule {

struct Judged {
  core::Judgement judgement = {};
  std::vector<core::SkippedOracle> skipped = {};
  std::vector<std::string> notes = {};
  std::string screen = {};  ///< what tells the outcome from others; empty: not asked for
};

class ScheduleJudge {
 public:
  /// All outlive it.
  ScheduleJudge(const Trial& trial, const run::Program* program, const run::Serial& serial,
                ExploredDatabase& database)
      : trial_(trial), program_(program), serial_(serial), database_(database) {}

  /// Before the first schedule: what the stage finds. Throws: Error of the server.
  void look_before();

  /// Directly after the schedule. Throws: Error of the server.
  Judged judge(const ScheduleSeen& seen);

  /// As judge(), where replica `harmed` died or lost its connection and `rerun` is what one replica
  /// did afterwards. That one and those that were not harmed must succeed, and the database must be
  /// as after a serial run.
  Judged judge_after_harm(const ScheduleSeen& seen, std::size_t harmed, const ScheduleSeen& rerun);

 private:
  Judged judge_with(const ScheduleSeen& seen, const observe::Look& after) const {
    return judge_with(seen, after, trial_.stage());
  }
  Judged judge_with(const ScheduleSeen& schedule, const observe::Look& after,
                    const scenario::Stage& stage) const;
  observe::Look look() const;
  std::map<std::int64_t, std::string> pending() const;
  void add_what_is_of_a_program(oracle::Observation& seen) const;
  const run::ShownAlone* shown_alone() const;
  std::string tracker_query() const;
  std::string_view tool() const;

  const Trial& trial_;
  const run::Program* program_;  ///< null: the reference runner's threads
  const run::Serial& serial_;
  ExploredDatabase& database_;
  std::optional<observe::Look> before_;
  std::map<std::string, observe::Look> looks_;  ///< by what screen() replies
};

}  // namespace gauntlet::schedule
