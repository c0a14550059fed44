// The command line as values: read and checked, nothing done yet. Reads the environment variables
// TEST_DATABASE_URL and GITHUB_ACTIONS.
#pragma once

#include "harness/arena/server.h"
#include "harness/cli/outputs.h"
#include "harness/explore/bounded.h"
#include "harness/formats/format.h"
#include "harness/verify/check.h"
#include "runner/values/lock_mode.h"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace gauntlet::cli {

enum class Output { text, json };

struct VerifyCommand {
  verify::Options options;
  Outputs outputs;
  std::optional<std::uint64_t> seed;  ///< --seed; absent: the program draws one
  bool fails_on_runner = false;       ///< --fail-on runner
};

/// Names a server that is started for one command and ends with it.
constexpr const char* throwaway = "ephemeral";

/// Where scenarios run, how often, and which reports are written.
struct ScenarioOptions {
  std::string database = throwaway;  ///< or the URL of a scratch server
  arena::ServerOptions server;
  std::size_t repeat = 1;
  std::optional<std::size_t> jobs;                   ///< runs at the same time; absent: jobs_of()
  std::optional<std::chrono::milliseconds> timeout;  ///< of a stage; absent: the scenario's own
  std::optional<std::chrono::milliseconds> window;   ///< of a foreign lock; likewise
  bool keep = false;
  std::optional<std::uint64_t> seed;  ///< absent: the program draws one
  Outputs outputs;
};

struct TestCommand {
  ScenarioOptions how;
  std::vector<std::string> scenarios;  ///< ids, families, globs, TOML files; empty: all
  std::string migrations;              ///< in the fixtures' place; empty: none
  formats::Format format;
  bool allow_cluster_changes = false;
  std::string mutant;          ///< in the reference runner's place; empty: none
  bool processes = false;      ///< gauntlet-migrate as processes instead of threads
  std::string runner;          ///< --runner: a program in its place; empty: none
  std::string subject_file;    ///< --subject: a file that describes one; empty: none
  std::string project_format;  ///< --format with --runner: the layout of its files
  std::string applied_query;   ///< --applied-query; empty: recognised
  std::vector<int> success_codes = {0};
  std::string history_file;  ///< empty: none
};

struct MutantsCommand {
  ScenarioOptions how;
  std::vector<std::string> mutants;    ///< names and globs; empty: all
  std::vector<std::string> scenarios;  ///< ids, families and globs; empty: those that name them
  std::size_t survivors_max = 0;       ///< how many of `how.repeat` runs it may survive
  // A runner of somebody else's, mutated on the wire; one of the two, or neither.
  std::string runner, subject_file;
  std::string project_format = "gauntlet";  ///< layout of what `runner` reads
  std::string applied_query;                ///< empty: recognised
  std::vector<int> success_codes = {0};

  bool is_of_a_runner() const { return !runner.empty() || !subject_file.empty(); }
};

/// Searches the orders in which few replicas can go on.
struct ExploreCommand {
  TestCommand test;  ///< subject, migrations, server and reports; at most one scenario
  std::size_t replicas = 2;
  std::size_t preemptions = 2;
  std::size_t schedules_max = 0;                  ///< 0: no limit
  std::size_t first_files = 0;                    ///< 0: all
  std::optional<std::chrono::milliseconds> time;  ///< absent: no limit
  std::optional<runner::LockMode> lock;           ///< of the reference runner; absent: the stage's
  enum class Strategy { bounded, random, pct } strategy = Strategy::bounded;
  std::size_t depth = 3;    ///< of pct
  bool runs_equal = false;  ///< also schedules that are equal to one that was run
  std::string checkpoint;   ///< empty: a search that is stopped cannot be continued
  explore::Shard shard;
  bool keep_size = false;   ///< do not look for a smaller schedule that fails
  std::string save_folder;  ///< empty: a failing schedule is not saved
  bool accept_partial = false;
  bool faults = false;  ///< a replica may die or lose its connection, once a schedule
};

/// Follows a schedule that `explore` saved.
struct ReplayCommand {
  TestCommand test;  ///< server and reports, and another subject in the saved one's place
  std::string file;
  std::size_t times = 1;
  bool with_reference = false;  ///< with the reference runner's threads
};

/// Prints a history that `test --history` saved.
struct ShowCommand {
  std::string file;
};

struct ListCommand {
  enum class What { scenarios, mutants, oracles, checks, findings };
  What what = What::scenarios;
  Output output = Output::text;
};

struct TraceCommand {
  std::string database = throwaway;  ///< or the URL of a scratch server
  arena::ServerOptions server;
  std::string runner, subject_file;  ///< one of them; neither: gauntlet-migrate
  std::string migrations;            ///< empty: a small set of our own
  std::string format;                ///< its layout
  std::vector<int> success_codes = {0};
  std::optional<std::chrono::milliseconds> timeout;  ///< of a run; absent: the subject's own
  std::string html_file;                             ///< empty: none
  Output output = Output::text;
};

/// Harms a runner at every statement.
struct CrashCommand {
  ScenarioOptions how;
  std::string runner, subject_file;  ///< one of them; neither: gauntlet-migrate
  std::string migrations;            ///< empty: a small set of our own
  std::string format;                ///< its layout; empty: gauntlet, or that of the folder
  std::string applied_query;         ///< empty: recognised
  std::vector<int> success_codes = {0};
  std::vector<std::string> harms;  ///< ids; empty: those that are swept by default
  std::vector<std::string> only;   ///< `STEP:HARM`; empty: every cell
  bool all = false;                ///< equal points are each harmed
  bool server_faults = false;      ///< also stop the server, and start it again
  std::size_t replicas = 1;        ///< 2: another one waits while the first is harmed
};

/// Judges a runner on migrations of ours.
struct CertifyCommand {
  ScenarioOptions how;
  std::string runner, subject_file;  ///< one of them; neither: gauntlet-migrate
  std::string format;                ///< of what `runner` reads; empty: gauntlet
  std::string applied_query;         ///< empty: recognised
  std::vector<int> success_codes = {0};
  std::vector<std::string> areas;  ///< empty: all
  std::vector<std::string> harms;  ///< of the crashes; empty: those that are swept
  std::string folder;              ///< of what is written; empty: certificate_folder()
};

struct BenchCommand {
  std::string database = throwaway;  ///< or the URL of a scratch server
  arena::ServerOptions server;
  std::vector<std::string> runners, subject_files;  ///< beside the reference and the floor
  std::string format, applied_query;                ///< of each of `runners`
  std::vector<int> success_codes = {0};             ///< likewise
  std::string migrations;                           ///< empty: a small set of our own
  std::vector<std::size_t> replicas = {1, 4, 16, 64};
  std::vector<double> latencies_ms = {0};
  std::size_t rounds = 9;
  std::optional<std::chrono::milliseconds> timeout;  ///< of a fleet; absent: the subject's own
  std::string json_file, html_file;                  ///< empty: none
  std::vector<std::string> read_files;               ///< earlier results to print; empty: measure
  bool markdown = false;
};

struct ServerStart {
  arena::ServerOptions options;
  std::chrono::seconds ttl{7'200};
  Output output = Output::text;
};
struct ServerStop {
  std::string name;
};  ///< empty: the only one there is
struct ServerUrl {
  std::string name;
};  ///< empty: the only one there is
struct ServerList {
  Output output = Output::text;
};

struct CleanCommand {
  std::string database;  ///< a URL; empty: this machine alone
  Output output = Output::text;
};

/// `--help` and `--version`: a text to print.
struct Printed {
  std::string text;
};

using Command =
    std::variant<VerifyCommand, TestCommand, MutantsCommand, ExploreCommand, ReplayCommand,
                 ShowCommand, TraceCommand, CrashCommand, CertifyCommand, BenchCommand, ListCommand,
                 ServerStart, ServerStop, ServerUrl, ServerList, CleanCommand, Printed>;

/// A command line that is not valid; exit code 64.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws: UsageError that names the wrong word and the words that are valid.
Command parse_command_line(int argc, const char* const* argv);

}  // namespace gauntlet::cli
