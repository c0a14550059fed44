#include "harness/cli/commands.h"
#include "harness/cli/crash_cells.h"
#include "harness/cli/deliver.h"
#include "harness/cli/ground.h"
#include "harness/cli/live_line.h"
#include "harness/cli/output.h"
#include "harness/cli/subject_choice.h"
#include "harness/crash/matrix.h"
#include "harness/crash/sweep.h"
#include "harness/process/quoted_word.h"
#include "runner/values/error.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::cli {
namespace {

using Kind = OutputTarget::Kind;

NamedRunner named_runner_of(const CrashCommand& command) {
  return {.runner = command.runner,
          .subject_file = command.subject_file,
          .format = command.format,
          .success_codes = command.success_codes,
          .timeout = command.how.timeout};
}

std::string replay_of(const CrashCommand& command, const crash::Point& point,
                      const fault::Harm& harm) {
  std::string line = "gauntlet crash" + named_again(named_runner_of(command));
  const auto add = [&](std::string_view flag, const std::string& value) {
    if (!value.empty()) line += fmt::format(" {} {}", flag, process::quoted_word(value));
  };
  add("--migrations", command.migrations);
  if (!command.subject_file.empty()) add("--format", command.format);
  add("--applied-query", command.applied_query);
  line += replayed_flags(command.how);
  if (command.all) line += " --all";
  if (command.replicas > 1) line += fmt::format(" --replicas {}", command.replicas);
  return line + fmt::format(" --only {}:{}", point.id, harm.id);
}

class CrashSweep {
 public:
  explicit CrashSweep(const CrashCommand& command)
      : command_(command), line_(STDERR_FILENO, screen_of(STDERR_FILENO)) {}

  crash::Matrix run() {
    const auto began = std::chrono::steady_clock::now();
    line_.show("starting the server");
    const Ground ground(command_.how);
    fleet::SubjectFile subject = subject_file_of(named_runner_of(command_));
    std::string format = command_.format;
    if (format.empty()) format = command_.migrations.empty() ? "gauntlet" : "auto";
    if (!command_.subject_file.empty() && command_.format.empty() && !subject.format.empty())
      format = subject.format;
    const std::string applied_query = applied_query_of(subject, command_.applied_query);
    const crash::Sweep sweep({.subject = std::move(subject),
                              .migrations = command_.migrations,
                              .format = format,
                              .applied_query = applied_query,
                              .which = command_.all ? crash::Which::all : crash::Which::equal_once,
                              .patience = command_.how.timeout,
                              .harms = command_.harms,
                              .server_faults = command_.server_faults,
                              .replicas = command_.replicas,
                              .server = command_.how.server,
                              .only = command_.only},
                             ground.arena(), [this](std::string_view doing) { line_.show(doing); });
    const auto results = run_cells(sweep, ground, command_.how.jobs.value_or(crash_jobs), line_);
    crash::Matrix matrix = matrix_of(sweep, results);
    if (const auto facts = ground.facts()) matrix.server = "PostgreSQL " + facts->version;
    matrix.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return matrix;
  }

 private:
  crash::Matrix matrix_of(const crash::Sweep& sweep,
                          const std::vector<crash::CellResult>& results) const {
    crash::Matrix matrix{.subject = sweep.subject(), .notes = sweep.notes()};
    matrix.harms = sweep.harms();
    for (const crash::Point& point : sweep.points())
      matrix.rows.push_back({.id = point.id,
                             .label = point.label,
                             .outside_transaction = point.outside_transaction,
                             .same = point.same,
                             .cells = decltype(crash::MatrixRow::cells)(matrix.harms.size())});
    for (const crash::CellResult& result : results) {
      matrix.rows[result.cell.point].cells[result.cell.harm] =
          crash::MatrixCell{.outcome = result.judged.outcome,
                            .why = result.judged.why,
                            .was_running = result.was_running,
                            .seconds = result.seconds.count(),
                            .replay = replay_of(command_, sweep.points()[result.cell.point],
                                                sweep.harms()[result.cell.harm])};
    }
    // A row that was not asked for says nothing.
    std::erase_if(matrix.rows, [](const crash::MatrixRow& row) {
      return std::ranges::none_of(row.cells, [](const auto& cell) { return cell.has_value(); });
    });
    return matrix;
  }

  const CrashCommand& command_;
  LiveLine line_;
};

/// Writes what this command prints in a form of its own; false if it could not be written.
bool write_own(const OutputTarget& target, const crash::Matrix& matrix, const Outcome& outcome) {
  const std::string text =
      target.kind == Kind::json ? crash::json(matrix, outcome.report)
      : target.kind == Kind::html
          ? crash::html(matrix)
          : crash::text(matrix) + fmt::format("\n{}, exit {}\n",
                                              to_string(outcome.report.verdict()),
                                              outcome.report.exit_code());
  const Form form = target.kind == Kind::json ? Form::json : Form::text;
  try {
    if (target.file.empty()) {
      print_result(text, form);
    } else {
      write_file(target.file, text, form);
    }
    return true;
  } catch (const runner::Error& error) {
    print_error(std::string(error.what()) + "\n");
    return false;
  }
}

}  // namespace

int crash_runner(const CrashCommand& command) {
  const std::uint64_t seed = command.how.seed.value_or(draw_seed());
  crash::Matrix matrix;
  const Outcome outcome = outcome_of("crash", seed, [&] {
    matrix = CrashSweep(command).run();
    return crash::report_of(matrix, seed);
  });
  if (!outcome.failure.empty()) return deliver(outcome, command.how.outputs, command.migrations);
  Outputs others = command.how.outputs;
  std::vector<OutputTarget> own;
  const auto is_own = [](const OutputTarget& target) {
    return target.kind == Kind::text || target.kind == Kind::json || target.kind == Kind::html;
  };
  std::ranges::copy_if(others.targets, std::back_inserter(own), is_own);
  std::erase_if(others.targets, is_own);
  bool is_written = true;
  for (const OutputTarget& target : own)
    is_written = write_own(target, matrix, outcome) && is_written;
  const int code = deliver(outcome, others, command.migrations);
  return !is_written && code == 0 ? 2 : code;
}

}  // namespace gauntlet::cli
