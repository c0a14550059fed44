// Flags that several commands share, and where their raw words stay until the line was read.
// For command_line.cpp and its parts.
#pragma once

#include "harness/cli/command_line.h"
#include "harness/formats/format.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace gauntlet::cli {

constexpr const char* exit_codes =
    "Exit codes: 0 all hold, 1 something is violated, 2 could not decide, 64 usage.\n";

/// Where CLI11 leaves raw words; they become values once the whole line was read.
struct Words {
  std::string statement_timeout = "5m", boot_deadline = "30s", ttl = "2h", format = "gauntlet",
              timeout, window;
  std::string what, name, file, postgres, locale;
  std::vector<std::string> settings;
  bool keep = false, allow_cluster_changes = false, json = false;
};

Output output_of(const Words& words);
/// Throws: UsageError naming `flag`, also for a wait without an end.
std::chrono::milliseconds duration_of(const std::string& flag, const std::string& text);
arena::ServerOptions server_options_of(const Words& words);
/// Throws: UsageError where a setting of the throwaway server is asked of a given one.
void refuse_settings_of_a_given_server(const std::string& database, const Words& words);
formats::Format format_of(const std::string& name);
std::vector<std::string_view> project_format_names();
/// Throws: UsageError naming those there are.
std::string project_format_named(const std::string& name);

void add_json(CLI::App& app, Words& words);
void add_server_options(CLI::App& app, Words& words);
void add_database(CLI::App& app, std::string& database);
void add_success_codes(CLI::App& app, std::vector<int>& codes);
void add_database_or_throwaway(CLI::App& app, std::string& database);
/// --applied-query; `told` is what its query tells.
void add_applied_query(CLI::App& app, std::string& query,
                       std::string_view told = "what is applied");
/// --json, --junit, --seed: of every command that judges.
void add_telling(CLI::App& app, Words& words, std::string& junit_file,
                 std::optional<std::uint64_t>& seed);

void add_trace(CLI::App& app, TraceCommand& command, Words& words,
               Command& chosen);  ///< trace_flags.cpp

void add_bench(CLI::App& app, BenchCommand& command, Words& words,
               Command& chosen);  ///< bench_flags.cpp

// The commands over scenarios: test_flags.cpp.
void add_test(CLI::App& app, TestCommand& command, Words& words, Command& chosen);
void add_mutants(CLI::App& app, MutantsCommand& command, Words& words, Command& chosen);
void add_show(CLI::App& app, Words& words, Command& chosen);

}  // namespace gauntlet::cli
