#include "harness/bench/judge.h"

#include "harness/core/history.h"
#include "harness/fleet/fleet.h"
#include "harness/observe/observe.h"
#include "harness/oracle/guilt.h"
#include "harness/oracle/oracle.h"

#include <csignal>
#include <utility>

namespace gauntlet::bench {

core::Judgement judge_applied(const Work& work, const arena::Address& database,
                              const std::string& tracker) {
  oracle::Observation observation{.on_disk = work.on_disk};
  observation.applied = observe::applied(database, tracker, observation.applied_missing);
  core::Judgement judgement = oracle::ask(oracle::oracle("set-equality"), observation);
  // What the bodies wrote says more than any tracker, and knows every tool.
  if (!work.is_journalled) return judgement;
  observation.journal = observe::journal(database);
  core::Judgement once = oracle::ask(oracle::oracle("applied-once"), observation);
  if (judgement.verdict != core::Verdict::violated) return once;
  core::merge(judgement, once);
  return judgement;
}

core::Judgement judge_endings(const std::vector<Left>& copies,
                              const std::vector<int>& success_codes, const arena::Address& database,
                              const arena::FleetConditions& conditions) {
  using Kind = core::Event::Kind;
  oracle::Observation observation{.success_codes = success_codes};
  core::History& history = observation.history;
  history.replicas = copies.size();
  for (std::size_t replica = 0; replica < copies.size(); ++replica) {
    const Left& left = copies[replica];
    core::Event end{.kind = Kind::exited, .replica = replica};
    if (left.after_ms && left.exit) {
      end.exit_code = left.exit->code;
      end.signal = left.exit->signal;
    } else {
      end.kind = Kind::killed;
      end.signal = SIGKILL;
    }
    history.events.push_back({.kind = Kind::released, .replica = replica});
    history.events.push_back(end);
    history.outputs.push_back({.out = fleet::without_password(left.out, database),
                               .err = fleet::without_password(left.err, database)});
  }
  core::Judgement judgement = oracle::ask(oracle::oracle("all-succeed"), observation);
  const oracle::World world{.replicas = copies.size(),
                            .sessions_allowed = conditions.sessions_allowed(),
                            .server_was_lost = conditions.server_was_lost(),
                            .server_log = conditions.server_log()};
  const auto excuse = oracle::excuse_in(oracle::failures_of(history, success_codes, world), world);
  return excuse ? oracle::excused(std::move(judgement), *excuse) : judgement;
}

}  // namespace gauntlet::bench
