#include "harness/cli/deliver.h"

#include "harness/cli/live_line.h"
#include "harness/cli/output.h"
#include "harness/cli/source_path.h"
#include "harness/core/files.h"
#include "harness/report/report.h"
#include "runner/values/error.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::cli {

namespace {

using Kind = OutputTarget::Kind;

report::TextOptions text_options(const OutputTarget& target, bool all) {
  constexpr int width_min = 60;
  const bool on_terminal = target.file.empty() && isatty(STDOUT_FILENO) == 1;
  return {.colour = target.file.empty() && wants_colour(STDOUT_FILENO),
          .width = on_terminal ? std::max(width_min, columns_of(STDOUT_FILENO, 100)) : 0,
          .all = all};
}

/// The report without what stderr has already: the reason why nothing was judged.
core::Report shown_as_text(const Outcome& outcome) {
  core::Report report = outcome.report;
  if (!outcome.failure.empty()) report.results.clear();
  return report;
}

class Delivery {
 public:
  Delivery(const Outcome& outcome, const Outputs& outputs, const std::string& migrations)
      : outcome_(outcome), outputs_(outputs) {
    sources_.path_of = [](std::string_view file) { return path_in_repository(file); };
    if (!migrations.empty()) sources_.otherwise = path_in_repository(migrations);
    sources_.version = GAUNTLET_VERSION;
  }

  /// False, and printed on stderr, if it could not be written.
  bool deliver(const OutputTarget& target) const {
    try {
      write(target);
      if (target.kind == Kind::github && target.file.empty()) append_step_summary();
      return true;
    } catch (const runner::Error& error) {
      print_error(std::string(error.what()) + "\n");
      return false;
    }
  }

 private:
  void write(const OutputTarget& target) const {
    const std::string text = rendered(target);
    const bool is_json =
        target.kind == Kind::json || target.kind == Kind::sarif || target.kind == Kind::gitlab;
    if (!target.file.empty()) {
      write_file(target.file, text, is_json ? Form::json : Form::text);
    } else if (target.kind == Kind::github && !prints_text()) {
      print_error(text);  // GitHub reads commands there, too, and stdout holds another format
    } else {
      print_result(text, is_json ? Form::json : Form::coloured_text);
    }
  }

  std::string rendered(const OutputTarget& target) const {
    switch (target.kind) {
      case Kind::json:
        return report::json(outcome_.report);
      case Kind::github:
        return report::github(outcome_.report, sources_);
      case Kind::sarif:
        return report::sarif(outcome_.report, sources_);
      case Kind::gitlab:
        return report::gitlab(outcome_.report, sources_);
      case Kind::junit:
        return report::junit(outcome_.report, sources_);
      case Kind::markdown:
        return report::markdown(outcome_.report);
      case Kind::html:
        return report::html(outcome_.report);
      case Kind::text:
        break;
    }
    return report::text(shown_as_text(outcome_), text_options(target, outputs_.all));
  }

  bool prints_text() const {
    return std::ranges::any_of(outputs_.targets, [](const OutputTarget& target) {
      return target.kind == Kind::text && target.file.empty();
    });
  }

  /// GitHub shows this file, which the runner of the job made, as the summary of the step.
  void append_step_summary() const {
    const char* file = std::getenv("GITHUB_STEP_SUMMARY");
    if (file == nullptr || *file == '\0') return;
    try {
      write_file(file, core::read_file(file) + report::markdown(outcome_.report));
    } catch (const runner::Error& error) {
      print_error(std::string(error.what()) + "\n");  // the verdict was printed all the same
    }
  }

  const Outcome& outcome_;
  const Outputs& outputs_;
  report::SourceOptions sources_ = {};
};

Outcome undecided_by(std::string_view command, const std::string& failure, std::uint64_t seed) {
  print_error(failure + "\n");
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

int deliver(const Outcome& outcome, const Outputs& outputs, const std::string& migrations) {
  const Delivery delivery(outcome, outputs, migrations);
  bool is_delivered = true;
  for (const OutputTarget& target : outputs.targets)
    is_delivered = delivery.deliver(target) && is_delivered;
  if (!is_delivered && outcome.report.verdict() != core::Verdict::violated) return 2;
  return outcome.report.exit_code();
}

std::uint64_t draw_seed() { return std::random_device{}(); }

}  // namespace gauntlet::cli
