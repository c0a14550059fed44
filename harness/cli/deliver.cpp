#include "harness/cli/deliver.h"

#include "harness/cli/live_line.h"
#include "harness/cli/output.h"
#include "harness/report/report.h"
#include "runner/values/error.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::cli {

namespace {

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

Outcome undecided_by(std::string_view command, std::string failure, std::uint64_t seed) {
  fmt::print(stderr, "{}\n", failure);
  return {undecided(command, failure, seed), failure};
}

}  // namespace

Outcome outcome_of(std::string_view command, std::uint64_t seed,
                   const std::function<core::Report()>& judge) {
  try {
    return {judge(), {}};
  } catch (const UsageError&) {
    throw;
  } catch (const runner::Error& error) {
    return undecided_by(command, error.what(), seed);
  } catch (const std::exception& error) {
    return undecided_by(command, fmt::format("error[unexpected]: {}", error.what()), seed);
  }
}

int deliver(const Outcome& outcome, Output output, const std::string& junit_file) {
  const bool printed = delivered([&] { print_result(rendered(outcome, output)); });
  const bool filed = junit_file.empty() ||
                     delivered([&] { write_file(junit_file, report::junit(outcome.report)); });
  if ((!printed || !filed) && outcome.report.verdict() != core::Verdict::violated) return 2;
  return outcome.report.exit_code();
}

std::uint64_t draw_seed() { return std::random_device{}(); }

}  // namespace gauntlet::cli
