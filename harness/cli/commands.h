// What each command does once the command line was read; the exit code is what it returns.
// Called on the main thread. Results go to stdout through output.h, progress to stderr.
#pragma once

#include "harness/cli/command_line.h"
#include "harness/scenario/scenario.h"

#include <vector>

namespace gauntlet::cli {

using Catalogue = std::vector<scenario::Scenario>;

int verify(VerifyCommand command);
int list(const ListCommand& command, const Catalogue& catalogue);

/// Throws: UsageError where what was chosen does not exist.
int test_scenarios(const TestCommand& command, const Catalogue& catalogue);
int test_mutants(const MutantsCommand& command, const Catalogue& catalogue);
/// The mutants on the wire of the runner that the command names, graded.
int grade_mutants(const MutantsCommand& command, const Catalogue& catalogue);

/// Throws: UsageError where what was chosen does not exist or cannot be explored.
int explore_schedules(const ExploreCommand& command, const Catalogue& catalogue);
/// Throws: the same; Error `unreadable-file`, `bad-schedule`.
int replay_schedule(const ReplayCommand& command, const Catalogue& catalogue);

/// Throws: Error `unreadable-file`, `bad-history`.
int show_history(const ShowCommand& command);

/// Throws: Error of the arena, of a subject file, `cannot-start`.
int trace(const TraceCommand& command);

/// Throws: Error of the arena, of a subject file.
int crash_runner(const CrashCommand& command);

/// Throws: Error of the arena, of a subject file.
int certify_runner(const CertifyCommand& command);

/// Throws: Error `no-floor`, `runner-failed`, `cluster-changes`, of the arena, of a
/// subject file, of a study that is read.
int measure(const BenchCommand& command);

/// Throws: Error of the arena.
int start_server(const ServerStart& command);
int stop_server(const ServerStop& command);
int print_server_url(const ServerUrl& command);
int list_servers(const ServerList& command);
int clean(const CleanCommand& command);

}  // namespace gauntlet::cli
