// Flags that several commands share, and the raw words that CLI11 reads into. For
// command_line.cpp and its parts.
#pragma once

#include "harness/cli/command_line.h"
#include "harness/formats/format.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace gauntlet::cli {

constexpr const char* exit_codes =
    "Exit codes: 0 all hold, 1 something is violated, 2 could not decide, 64 usage.\n";

/// Raw words of the command line; they become values when the whole line was read.
struct Words {
  std::string statement_timeout = "5m", boot_deadline = "30s", in_place_max = "1s", ttl = "2h",
              format = "gauntlet", layout = "auto", timeout, window, time_budget;
  std::string what, name, file, postgres, locale, junit, runner, shard, fail_on;
  std::vector<std::string> settings, outputs;
  std::optional<int> server_version;
  bool keep = false, allow_cluster_changes = false, json = false, all = false;
};

Output output_of(const Words& words);
/// Throws: UsageError.
Outputs outputs_of(const Words& words);
/// Throws: UsageError naming `flag`, also for a wait without an end.
std::chrono::milliseconds duration_of(const std::string& flag, const std::string& text);
/// Throws: UsageError where the server of --server-version is not installed, unless the caller can
/// do with another.
enum class OtherServer { refused, taken };
arena::ServerOptions server_options_of(const Words& words,
                                       OtherServer other = OtherServer::refused);
/// Throws: UsageError for a setting of the throwaway server with a database that is given.
void refuse_settings_of_a_given_server(const std::string& database, const Words& words);
formats::Format format_of(const std::string& name);
std::vector<std::string_view> project_format_names();
/// Throws: UsageError naming the known ones.
std::string project_format_named(const std::string& name);

void add_json(CLI::App& app, Words& words);
void add_server_options(CLI::App& app, Words& words);
void add_database(CLI::App& app, std::string& database);
void add_success_codes(CLI::App& app, std::vector<int>& codes);
void add_database_or_throwaway(CLI::App& app, std::string& database);
void add_runner(CLI::App& app, std::string& runner, const std::string& purpose);
void add_applied_query(CLI::App& app, std::string& query);
/// --output, --json, --junit, --all and --seed: of every command that judges.
void add_reporting(CLI::App& app, Words& words, std::optional<std::uint64_t>& seed);

void add_verify(CLI::App& app, VerifyCommand& command, Words& words,
                Command& chosen);  ///< verify_flags.cpp

void add_trace(CLI::App& app, TraceCommand& command, Words& words,
               Command& chosen);  ///< trace_flags.cpp

void add_crash(CLI::App& app, CrashCommand& command, Words& words,
               Command& chosen);  ///< crash_flags.cpp
/// Throws: UsageError naming `flag` and the known harms.
void require_harm(std::string_view flag, const std::string& name);

void add_certify(CLI::App& app, CertifyCommand& command, Words& words,
                 Command& chosen);  ///< certify_flags.cpp

void add_bench(CLI::App& app, BenchCommand& command, Words& words,
               Command& chosen);  ///< bench_flags.cpp

// The commands over scenarios: test_flags.cpp.
void add_test(CLI::App& app, TestCommand& command, Words& words, Command& chosen);
void add_mutants(CLI::App& app, MutantsCommand& command, Words& words, Command& chosen);
void add_show(CLI::App& app, Words& words, Command& chosen);

// The commands over schedules: explore_flags.cpp.
void add_explore(CLI::App& app, ExploreCommand& command, Words& words, Command& chosen);
void add_replay(CLI::App& app, ReplayCommand& command, Words& words, Command& chosen);

}  // namespace gauntlet::cli
