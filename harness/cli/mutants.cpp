#include "harness/cli/choose.h"
#include "harness/cli/commands.h"
#include "harness/cli/deliver.h"
#include "harness/cli/ground.h"
#include "harness/cli/judging.h"
#include "harness/cli/workers.h"
#include "harness/mutant/mutant.h"
#include "harness/run/redundant.h"
#include "harness/run/run.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace gauntlet::cli {

namespace {

using mutant::Mutant;
using run::Fate;
using scenario::Scenario;

/// One cell of the matrix.
struct Pair {
  const Mutant* mutant;
  const Scenario* scenario;
};

std::vector<Pair> chosen_pairs(const MutantsCommand& command, const Catalogue& catalogue) {
  std::vector<std::string_view> names, ids;
  for (const Mutant& mutant : mutant::mutants()) names.push_back(mutant.name);
  for (const Scenario& scenario : catalogue) ids.push_back(scenario.id);
  const std::vector<std::size_t> scenarios = chosen(ids, command.scenarios, "scenario");
  std::vector<Pair> pairs;
  for (const std::size_t at : chosen(names, command.mutants, "mutant")) {
    const Mutant& mutant = mutant::mutants()[at];
    for (const std::size_t position : scenarios) {
      const Scenario& scenario = catalogue[position];
      const auto& named = mutant.killed_by;
      if (std::ranges::find(named, scenario.id) != named.end())
        pairs.push_back({&mutant, &scenario});
    }
  }
  return pairs;
}

/// Those of the catalogue that no mutant names: their pass means nothing.
std::vector<core::Result> idle_scenarios(const Catalogue& catalogue) {
  std::vector<core::Result> idle;
  for (const Scenario& scenario : catalogue) {
    const bool is_named = std::ranges::any_of(mutant::mutants(), [&](const Mutant& mutant) {
      return std::ranges::find(mutant.killed_by, scenario.id) != mutant.killed_by.end();
    });
    if (is_named) continue;
    core::Finding finding{.id = "kills-nothing",
                          .message = fmt::format("no mutant names {}", scenario.id),
                          .fix = "give a runner the flaw that the scenario is about"};
    idle.push_back({.id = "mutant/none",
                    .subject = std::string(scenario.id),
                    .judgement = core::judged({std::move(finding)})});
  }
  return idle;
}

/// The findings of one run, by id, as one line.
std::string findings_of(const core::Judgement& judgement) {
  std::vector<std::string_view> ids;
  for (const core::Finding& finding : judgement.findings) {
    const bool counts = finding.severity == core::Severity::violation;
    if (counts && std::ranges::find(ids, finding.id) == ids.end()) ids.push_back(finding.id);
  }
  return fmt::format("{}", fmt::join(ids, ", "));
}

std::string outcome_in_words(const Pair& pair, const run::Kill& kill) {
  const core::Judgement& judgement = kill.result.judgement;
  switch (kill.fate) {
    case Fate::killed:
      return "killed: " + findings_of(judgement);
    case Fate::wrong_reason:
      return fmt::format("wrong-reason: {}; it declares {}", findings_of(judgement),
                         fmt::join(pair.mutant->findings, ", "));
    case Fate::survived:
      return fmt::format("survived: {} holds although the runner {}", pair.scenario->id,
                         pair.mutant->flaw);
    case Fate::undecided:
      return "undecided: " + judgement.reason;
    case Fate::unviable:
      return "unviable: " + judgement.reason;
  }
  return "?";
}

core::Verdict verdict_of(Fate fate) {
  if (fate == Fate::killed) return core::Verdict::holds;
  return fate == Fate::undecided ? core::Verdict::unknown : core::Verdict::violated;
}

/// What a mutant that survived says about Gauntlet.
core::Finding finding_of(Fate fate, std::string message) {
  const std::string_view what = to_string(fate);
  return {.id = fmt::format("mutant-{}", what),
          .message = std::move(message),
          .fix = fate == Fate::unviable
                     ? "give the mutant one flaw that only concurrency, order or state brings out"
                     : "make the scenario bring the flaw out, or the oracle see it"};
}

/// What became of all runs of one pair.
struct Cell {
  std::map<Fate, std::size_t> counts = {};
  std::map<Fate, std::string> words = {};  ///< of one run that came to it
  std::vector<std::string> kept = {};
  std::vector<std::set<std::string>> killers = {};  ///< by run that was killed
  std::chrono::duration<double> seconds{0};

  void add(const Pair& pair, const run::Kill& kill) {
    ++counts[kill.fate];
    if (kill.fate == Fate::killed)
      killers.push_back(run::killers_of(*pair.mutant, kill.result.judgement));
    words.emplace(kill.fate, outcome_in_words(pair, kill));
    seconds += kill.result.seconds;
    for (const std::string& note : kill.result.notes)
      if (note.starts_with("kept: ")) kept.push_back(note);
  }
};

class Matrix {
 public:
  Matrix(const MutantsCommand& command, std::vector<Pair> pairs, std::vector<core::Result> idle,
         std::uint64_t seed)
      : command_(command), pairs_(std::move(pairs)), idle_(std::move(idle)), seed_(seed) {}

  core::Report run() {
    LiveLine line(STDERR_FILENO, screen_of(STDERR_FILENO));
    line.show("starting the server");
    const Ground ground(command_.how);
    const std::size_t repeats = command_.how.repeat;
    std::vector<Cell> cells(pairs_.size());
    std::mutex mutex;
    std::size_t done = 0;
    share_out(pairs_.size() * repeats, jobs_of(command_.how), [&] {
      const auto judging = std::make_shared<Judging>(ground, line, options());
      return [&, judging](std::size_t item) {
        const std::size_t at = item / repeats;
        const Pair& pair = pairs_[at];
        const run::Kill kill =
            judging->at(fmt::format("{} of {}, {}", at + 1, pairs_.size(), pair.mutant->name))
                .kill(*pair.mutant, *pair.scenario, seed_ + item % repeats);
        const std::lock_guard held(mutex);
        cells[at].add(pair, kill);
        line.set_done(static_cast<double>(++done) / static_cast<double>(pairs_.size() * repeats));
      };
    });
    core::Report report{.kind = "mutant", .seed = seed_, .server = ground.facts()};
    for (std::size_t at = 0; at < pairs_.size(); ++at)
      report.results.push_back(judge(pairs_[at], cells[at]));
    report.results.insert(report.results.end(), idle_.begin(), idle_.end());
    if (command_.mutants.empty() && command_.scenarios.empty())
      report.results.push_back(oracles_that_matter(cells));
    if (command_.how.keep) ground.keep();
    return report;
  }

 private:
  /// Which oracles the whole matrix could do without.
  static core::Result oracles_that_matter(const std::vector<Cell>& cells) {
    std::vector<std::set<std::string>> kills;
    for (const Cell& cell : cells)
      kills.insert(kills.end(), cell.killers.begin(), cell.killers.end());
    const std::vector<std::string> redundant = run::redundant_oracles(kills);
    core::Result result{
        .id = "mutants/oracles", .subject = "all oracles", .judgement = core::judged({})};
    if (!redundant.empty())
      result.notes.push_back(
          fmt::format("dropping one of these oracles changes no verdict of this "
                      "matrix: {}",
                      fmt::join(redundant, ", ")));
    return result;
  }

  run::Options options() const {
    return {.seed = seed_,
            .patience = command_.how.timeout,
            .window = command_.how.window,
            .keep = command_.how.keep};
  }

  core::Result judge(const Pair& pair, const Cell& cell) const {
    core::Result result{.id = fmt::format("mutant/{}", pair.mutant->name),
                        .subject = std::string(pair.scenario->id),
                        .seconds = cell.seconds,
                        .replay = replay_line(pair),
                        .notes = cell.kept};
    decide(cell, result);
    return result;
  }

  /// So many may survive as the command allows; nothing else is tolerated.
  void decide(const Cell& cell, core::Result& result) const {
    for (const auto& [fate, runs] : cell.counts) {
      const std::string& words = cell.words.at(fate);
      if (command_.how.repeat > 1) result.repeats[std::string(to_string(fate))] = runs;
      const core::Verdict verdict = verdict_of(fate);
      const bool is_tolerated = fate == Fate::survived && runs <= command_.survivors_max;
      if (verdict != core::Verdict::violated || is_tolerated) {
        if (!is_tolerated) core::merge(result.judgement, {.verdict = verdict, .reason = words});
        continue;
      }
      core::merge(result.judgement, core::judged({finding_of(fate, words)}));
      result.judgement.reason = words;
    }
    if (result.repeats.empty()) return;
    std::string told;
    for (const auto& [what, runs] : result.repeats)
      told += fmt::format("{}{} {}", told.empty() ? "" : ", ", runs, what);
    result.notes.push_back(fmt::format("of {} runs: {}", command_.how.repeat, told));
  }

  std::string replay_line(const Pair& pair) const {
    return fmt::format("gauntlet test {} --mutant {}{} --seed {}", pair.scenario->id,
                       pair.mutant->name, replayed_flags(command_.how), seed_);
  }

  const MutantsCommand& command_;
  const std::vector<Pair> pairs_;
  const std::vector<core::Result> idle_;
  const std::uint64_t seed_;
};

}  // namespace

int test_mutants(const MutantsCommand& command, const Catalogue& catalogue) {
  if (command.is_of_a_runner()) return grade_mutants(command, catalogue);
  const std::vector<Pair> pairs = chosen_pairs(command, catalogue);
  if (pairs.empty())
    throw UsageError("no chosen mutant names a chosen scenario, so there is nothing to run");
  const std::uint64_t seed = command.how.seed.value_or(draw_seed());
  const bool is_whole = command.mutants.empty() && command.scenarios.empty();
  const std::vector<core::Result> idle =
      is_whole ? idle_scenarios(catalogue) : std::vector<core::Result>();
  const Outcome outcome =
      outcome_of("mutants", seed, [&] { return Matrix(command, pairs, idle, seed).run(); });
  return deliver(outcome, command.how.outputs, {});
}

}  // namespace gauntlet::cli
