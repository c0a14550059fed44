// One run of the runner under test as boot and replicas need it: which program, on what, and how
// its end is told. Any thread.
#pragma once

#include "harness/core/history.h"
#include "harness/core/snapshot.h"
#include "harness/fleet/fleet.h"
#include "harness/verify/check.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::verify {

/// The program in the runner's place: --runner's command, or gauntlet-migrate of this installation.
/// Throws: Error `bad-command`, `unknown-placeholder`, `no-runner`.
fleet::Subject subject_of(const Options& options);

/// The files' versions and names, as an applied set would record them.
std::vector<core::AppliedRow> on_disk(const runner::Listing& listing);

/// What one run of all files is given: a runner that hangs must end, a long migration must not.
std::chrono::milliseconds run_patience(const Options& options);

/// When one run is ended.
struct RunBounds {
  std::chrono::milliseconds patience;      ///< after its start, whatever it does
  std::chrono::milliseconds idle{15'000};  ///< without progress; see standstill.h
};

/// Did the only replica of `history` end by itself, with a code that means success?
bool succeeded(const core::History& history, const fleet::Subject& subject);

/// Was it ended by us, at the end of its patience?
bool was_killed(const core::History& history);

/// Why a run that failed on `database` says nothing against the runner or its migrations: what the
/// server lacks for those not applied there, or what earlier runs left on a given one. Nothing if
/// there is no excuse. Throws: SqlError, Error.
std::optional<std::string> excuse_of(const Context& context, const arena::Database& database);

/// Puts the up file of each finding's version into its `where`.
void name_files(core::Judgement& judgement, const runner::Listing& listing);

/// `exit 3`, `killed by SIGSEGV`, `not ended after 60.0 s, so it was killed`.
std::string how_it_ended(const core::History& history);

/// The last lines that a program printed, errors first; says so when there are none.
std::string tail(const core::ReplicaOutput& output);

}  // namespace gauntlet::verify
