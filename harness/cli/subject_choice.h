// The runner that a command puts in the reference runner's place: a program, by flags or by a file.
// Reads the subject file; one thread.
#pragma once

#include "harness/cli/command_line.h"
#include "harness/fleet/subject_file.h"
#include "harness/run/program.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::cli {

/// nullopt: the reference runner's threads. Throws: UsageError; Error of a subject file.
std::optional<run::Program> program_of(const TestCommand& command);

/// What names a runner on a command line; without either, gauntlet-migrate.
struct NamedRunner {
  std::string runner = {}, subject_file = {};
  std::string format = {};  ///< of the project that `runner` reads; empty or auto: gauntlet
  std::vector<int> success_codes = {0};
  std::optional<std::chrono::milliseconds> timeout = {};  ///< of a run; absent: the subject's own
};
/// Throws: Error of a subject file, `bad-command`.
fleet::SubjectFile subject_file_of(const NamedRunner& named);
/// The query that reads its tracker: the flag's, or else the subject file's; empty: recognised.
const std::string& applied_query_of(const fleet::SubjectFile& subject, const std::string& flag);
/// ` --runner … --format …`: the flags that name it again.
std::string named_again(const NamedRunner& named);
/// The same with the query that reads its tracker, where one was given.
std::string named_again(const NamedRunner& named, const std::string& applied_query);

}  // namespace gauntlet::cli
