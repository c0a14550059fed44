#include "harness/trace/trace.h"

#include "harness/arena/arena.h"
#include "harness/cli/commands.h"
#include "harness/cli/guard.h"
#include "harness/cli/live_line.h"
#include "harness/cli/output.h"
#include "harness/fleet/subject_file.h"
#include "harness/fleet/wire_fleet.h"
#include "harness/formats/folder.h"
#include "harness/observe/observe.h"
#include "runner/values/error.h"

#include <algorithm>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::cli {
namespace {

namespace fs = std::filesystem;

constexpr int exit_undecided = 2;

/// Three of the most ordinary kind: a table, a column, a row.
constexpr std::pair<const char*, const char*> sample[] = {
    {"1_trace_parcels.up.sql", "CREATE TABLE gauntlet_parcels (id int PRIMARY KEY, name text);\n"},
    {"1_trace_parcels.down.sql", "DROP TABLE gauntlet_parcels;\n"},
    {"2_trace_weights.up.sql", "ALTER TABLE gauntlet_parcels ADD COLUMN weight int;\n"},
    {"2_trace_weights.down.sql", "ALTER TABLE gauntlet_parcels DROP COLUMN weight;\n"},
    {"3_trace_first.up.sql", "INSERT INTO gauntlet_parcels VALUES (1, 'first', 7);\n"},
    {"3_trace_first.down.sql", "DELETE FROM gauntlet_parcels WHERE id = 1;\n"}};

/// The runner that is traced, by a file or by flags.
fleet::SubjectFile subject_of(const TraceCommand& command) {
  fleet::SubjectFile file;
  if (!command.subject_file.empty()) {
    file = fleet::read_subject_file(command.subject_file);
    file.timeout = command.timeout.value_or(file.timeout);
    return file;
  }
  file.format = command.format;
  file.timeout = command.timeout.value_or(file.timeout);
  file.subject = command.runner.empty()
                     ? fleet::reference_subject("directive", "5m")
                     : fleet::command_subject(command.runner, command.success_codes);
  return file;
}

std::string version_of(const fleet::SubjectFile& file, const arena::Database& database,
                       const fs::path& work) {
  if (file.version.empty()) return file.subject.name;
  fleet::Subject subject = file.subject;
  subject.command = file.version;
  const auto done =
      process::run(fleet::command_of(subject, database.loopback(),
                                     fleet::placeholder_values(database.loopback(), work, work)),
                   file.timeout);
  const std::string line = done.out.substr(0, done.out.find('\n'));
  return line.empty() ? file.subject.name : fmt::format("{} ({})", file.subject.name, line);
}

class Tracing {
 public:
  explicit Tracing(const TraceCommand& command)
      : command_(command), line_(STDERR_FILENO, screen_of(STDERR_FILENO)) {}

  trace::Trace run() {
    fleet::SubjectFile file = subject_of(command_);
    line_.show("starting a server");
    std::optional<Guard> guard;
    if (command_.database != "ephemeral") guard.emplace(command_.database);
    arena::ArenaOptions options;
    options.server = command_.server;
    const auto arena = arena::open(command_.database, options);
    const auto database = arena->fresh("trace");
    const fs::path migrations = migrations_of(file, *database);
    line_.show("running it with migrations pending");
    const auto pending = traced_run(file, *database, migrations);
    line_.show("running it with nothing to do");
    const auto idle = traced_run(file, *database, migrations);
    auto trace = trace::read(pending, idle, sources_of(migrations));
    trace.subject = version_of(file, *database, work_.path());
    const auto facts = observe::server_facts(database->address());
    trace.server = fmt::format("PostgreSQL {}", facts.version);
    for (trace::TracedRun* run : {&trace.first, &trace.second}) run->ok = is_ok(*run, file);
    return trace;
  }

 private:
  fs::path neutral_folder() const { return work_.path() / "neutral"; }

  std::vector<trace::Source> sources_of(const fs::path& migrations) const {
    auto sources = trace::read_sources(migrations);
    if (!command_.migrations.empty()) return sources;
    return trace::with_neutral(std::move(sources), trace::read_sources(neutral_folder()));
  }

  fs::path migrations_of(const fleet::SubjectFile& file, const arena::Database& database) {
    if (!command_.migrations.empty()) return fs::absolute(command_.migrations);
    const fs::path neutral = neutral_folder();
    fs::path project = work_.path() / "project";
    fs::create_directories(neutral);
    fs::create_directories(project);
    for (const auto& [name, sql] : sample) write_file(neutral / name, sql);
    fleet::make_project(file, database.loopback(), neutral, project);
    return project;
  }

  /// One replica waits for no other: if it cannot be started, that is the result.
  static core::History traced_run(const fleet::SubjectFile& file, const arena::Database& database,
                                  const fs::path& migrations) {
    return fleet::run_on_the_wire(file.subject, database, migrations, 1, file.timeout,
                                  fleet::ProcessFleet::Start::at_once);
  }

  static bool is_ok(const trace::TracedRun& run, const fleet::SubjectFile& file) {
    return std::any_of(file.subject.success_codes.begin(), file.subject.success_codes.end(),
                       [&](int code) { return run.exit == fmt::format("exit {}", code); });
  }

  const TraceCommand& command_;
  LiveLine line_;
  fleet::WorkFolder work_;
};

/// Prints the end of a failed runner's output.
void print_failure(const trace::TracedRun& run, std::string_view which) {
  constexpr std::size_t shown_max = 2'000;
  const std::string& said = run.output.err.empty() ? run.output.out : run.output.err;
  print_error(fmt::format("error[runner-failed]: the run {} ended with {}{}\n{}\n", which, run.exit,
                          run.steps.empty() ? " and sent no statement" : "",
                          said.size() > shown_max ? said.substr(said.size() - shown_max) : said));
}

}  // namespace

int trace(const TraceCommand& command) {
  const trace::Trace trace = Tracing(command).run();
  if (!command.html_file.empty()) write_file(command.html_file, trace::html(trace));
  if (command.output == Output::json)
    print_result(trace::json(trace), Form::json);
  else
    print_result(trace::text(trace));
  if (!trace.first.ok) print_failure(trace.first, "with migrations pending");
  if (!trace.second.ok) print_failure(trace.second, "with nothing to do");
  const bool told = trace.first.ok && trace.second.ok && !trace.first.steps.empty();
  return told ? 0 : exit_undecided;
}

}  // namespace gauntlet::cli
