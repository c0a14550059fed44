#include "harness/verify/replicas.h"

#include "harness/verify/boot_run.h"
#include "harness/verify/failure.h"
#include "harness/verify/pending.h"
#include "harness/verify/replicas_race.h"
#include "runner/values/error.h"
#include "runner/values/session.h"

#include <string>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

void add_race(const RaceGround& ground, const Context& context, const RaceLimits& limits,
              core::Result& whole) {
  const std::string& where = ground.where;
  core::Result part = race_over(context, limits, ground);
  for (const std::string& note : part.notes)
    whole.notes.push_back(fmt::format("{}: {}", where, note));
  for (core::Finding& finding : part.judgement.findings)
    finding.message = fmt::format("{}: {}", where, finding.message);
  if (!part.judgement.reason.empty())
    part.judgement.reason = fmt::format("{}: {}", where, part.judgement.reason);
  core::merge(whole.judgement, part.judgement);
}

/// With the rows of the given database: what a pending file does to them shows there alone.
void race_on_copies(const Context& context, const RaceLimits& limits, core::Result& result) {
  AppliedState state;
  {
    const auto session = connect_unbounded(context.arena->given(), "gauntlet replicas");
    state = applied_state(context, *session);
  }
  if (!state.cannot_tell.empty()) {
    result.notes.push_back("not raced on copies of the given database: " + state.cannot_tell);
    return;
  }
  truth::Known known;
  const RaceGround ground{
      .where = "on copies of the given database",
      .make = [&] { return context.arena->copy_of_given(tracker_tables(state)).database; },
      .pending = pending_of(context, state),
      .known = known,
      .is_empty = false};
  if (ground.pending.empty()) {
    result.notes.emplace_back("nothing is pending on the given database: raced on an empty one");
    return;
  }
  try {
    result.notes.push_back("the copy of the given database: " +
                           context.arena->copy_of_given(tracker_tables(state)).how);
    add_race(ground, context, limits, result);
  } catch (const runner::Error& error) {
    core::merge(result.judgement,
                core::unknown(fmt::format("{}: {}", ground.where, reason_of(error))));
  }
}

}  // namespace

core::Result replicas(const Context& context) { return replicas_within(context, {}); }

core::Result replicas_within(const Context& context, const RaceLimits& limits) {
  core::Result result{.id = "check/replicas", .subject = subject_of(context.options).name};
  if (context.options.replicas < 2) {
    result.judgement =
        core::not_applicable("--replicas 1 declares that one process at a time deploys");
    result.notes.emplace_back(
        "two deploys that overlap (a second rollout, a start by hand) are two processes all the "
        "same: not judged");
    return result;
  }
  if (const std::string& run = context.learned->never_ends; !run.empty()) {
    result.judgement = core::unknown(run + " did not end: see boot");
    return result;
  }
  if (!context.arena->is_ephemeral()) race_on_copies(context, limits, result);
  if (result.judgement.verdict == core::Verdict::violated) return result;
  add_race({.where = "on an empty database",
            .make = [&] { return context.arena->fresh("replicas"); },
            .pending = all_migrations(context.listing),
            .known = context.learned->on_empty},
           context, limits, result);
  return result;
}

}  // namespace gauntlet::verify
