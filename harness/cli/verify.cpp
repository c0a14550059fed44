#include "harness/check/check.h"
#include "harness/cli/commands.h"
#include "harness/cli/live_line.h"
#include "harness/cli/output.h"
#include "harness/report/report.h"
#include "runner/error.h"

#include <algorithm>
#include <functional>
#include <random>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::cli {
namespace {

/// Small enough to be exact in every reader of JSON.
std::uint64_t draw_seed() { return std::random_device{}(); }

bool needs_database(const check::Options& options) {
  const auto& asked = options.checks;
  const auto is_asked = [&](const check::Check& check) {
    return asked.empty() || std::find(asked.begin(), asked.end(), check.id) != asked.end();
  };
  const auto& checks = check::checks();
  return std::any_of(checks.begin(), checks.end(), [&](const check::Check& check) {
    return check.needs_database && is_asked(check);
  });
}

void require_database(const check::Options& options) {
  if (!options.database.empty() || !needs_database(options)) return;
  throw runner::Error(
      "no-database", "no database was given, and these checks need one",
      "--database and TEST_DATABASE_URL are both empty",
      "add `--database ephemeral` for a throwaway server of our own, or set "
      "TEST_DATABASE_URL=postgresql://… for a scratch server; `--checks scan` needs none");
}

struct Outcome {
  core::Report report;
  std::string failure;  ///< why nothing was judged; empty when something was
};

Outcome undecided_by(std::string failure, std::uint64_t seed) {
  fmt::print(stderr, "{}\n", failure);
  return {undecided(failure, seed), failure};
}

/// What the user's world does is an outcome, too, and never an exception.
Outcome judge(check::Options options) {
  try {
    require_database(options);
    if (!options.prelude.empty()) options.arena.prelude = read_whole_file(options.prelude);
    LiveLine line(STDERR_FILENO, screen_of(STDERR_FILENO));
    return {check::verify(options, [&](std::string_view doing) { line.show(doing); }), {}};
  } catch (const runner::Error& error) {
    return undecided_by(error.what(), options.seed);
  } catch (const std::exception& error) {
    return undecided_by(fmt::format("error[unexpected]: {}", error.what()), options.seed);
  }
}

std::string rendered(const Outcome& outcome, Output output) {
  if (output == Output::json) return report::json(outcome.report);
  constexpr int width_usual = 100, width_min = 60;
  const int width = std::max(width_min, columns_of(STDOUT_FILENO, width_usual));
  // stderr has told the failure already; what is left to say is the seed and the verdict.
  core::Report shown = outcome.report;
  if (!outcome.failure.empty()) shown.results.clear();
  return report::text(shown, {.colour = wants_colour(STDOUT_FILENO), .width = width});
}

/// False, and told on stderr, when it could not be done.
bool delivered(const std::function<void()>& deliver) {
  try {
    deliver();
    return true;
  } catch (const runner::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return false;
  }
}

}  // namespace

int verify(VerifyCommand command) {
  command.options.seed = command.seed.value_or(draw_seed());
  const Outcome outcome = judge(command.options);
  const bool printed = delivered([&] { print_result(rendered(outcome, command.output)); });
  const bool filed = command.junit_file.empty() || delivered([&] {
                       write_file(command.junit_file, report::junit(outcome.report));
                     });
  // A violation stays one; a pass that nobody can read is none.
  if ((!printed || !filed) && outcome.report.verdict() != core::Verdict::violated) return 2;
  return outcome.report.exit_code();
}

}  // namespace gauntlet::cli
