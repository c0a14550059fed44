#include "harness/mutant/rewriting.h"
#include "harness/run/run.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using core::Verdict;

// A mutant is viable (and a program can be asked about its files) if it does its work alone, and is
// idle the second time: its flaw is one of concurrency, order or state, and nothing else.
scenario::Scenario alone(runner::Engine engine) {
  return {
      .id = engine == runner::Engine::sqlite ? "viable on SQLite" : "viable",
      .claim = "it applies two migrations alone, and nothing the second time",
      .why = "a mutant that cannot even do that proves nothing",
      .stages = {{.name = "first run",
                  .files = {{"001_a.up.sql", "CREATE TABLE a(x int)"},
                            {"002_b.up.sql", "INSERT INTO a VALUES (1)"}},
                  .replicas = 1,
                  .oracles = {"all-succeed", "set-equality", "data-equals-serial"}},
                 {.name = "second run", .replicas = 1, .oracles = {"all-succeed", "idempotent"}}},
      .engine = engine};
}

Fate fate_of(const mutant::Mutant& mutant, const core::Judgement& judgement) {
  if (judgement.verdict == Verdict::holds) return Fate::survived;
  if (judgement.verdict != Verdict::violated) return Fate::undecided;
  const bool declared = std::ranges::any_of(judgement.findings, [&](const core::Finding& finding) {
    return std::ranges::find(mutant.findings, finding.id) != mutant.findings.end();
  });
  return declared ? Fate::killed : Fate::wrong_reason;
}

}  // namespace

std::string_view to_string(Fate fate) {
  switch (fate) {
    case Fate::killed:
      return "killed";
    case Fate::wrong_reason:
      return "wrong-reason";
    case Fate::survived:
      return "survived";
    case Fate::undecided:
      return "undecided";
    case Fate::unviable:
      return "unviable";
  }
  return "?";
}

Kill kill(const mutant::Mutant& mutant, const scenario::Scenario& scenario, arena::Arena& arena,
          const Options& options) {
  return Verifier(arena, options).kill(mutant, scenario, options.seed);
}

std::optional<core::Judgement> Verifier::unviable(const mutant::Mutant& mutant,
                                                  runner::Engine engine) {
  const std::pair<std::string, runner::Engine> key(mutant.name, engine);
  auto known = unviable_.find(key);
  if (known != unviable_.end()) return known->second;
  tell(fmt::format("{}: alone", mutant.name));
  const core::Judgement judgement = run(alone(engine), &mutant, options_.seed).result.judgement;
  std::optional<core::Judgement> why;
  if (judgement.verdict != Verdict::holds) {
    why = judgement;
    why->reason =
        judgement.findings.empty() ? judgement.reason : judgement.findings.front().message;
  }
  // What could not be decided says nothing about the mutant: the next run tries again.
  if (why && why->verdict != Verdict::violated) return why;
  return unviable_.emplace(key, std::move(why)).first->second;
}

const Serial& Verifier::alone_on_plainest(const Program& program) {
  if (plainest_) return *plainest_;
  const scenario::Scenario plainest = alone(runner::Engine::postgres);
  tell(fmt::format("{}: the plainest of files", program.subject.name));
  plainest_ = run_serially(plainest, &program, arena_,
                           {.patience = options_.patience.value_or(plainest.patience),
                            .no_transaction = options_.no_transaction});
  return *plainest_;
}

Kill Verifier::kill(const mutant::Mutant& mutant, const scenario::Scenario& scenario,
                    std::uint64_t seed) {
  Kill kill{.mutant = mutant.name, .scenario = scenario.id, .fate = Fate::survived, .result = {}};
  if (const auto why = unviable(mutant, scenario.engine)) {
    const bool fails_alone = why->verdict == Verdict::violated;
    kill.fate = fails_alone ? Fate::unviable : Fate::undecided;
    kill.result.judgement = core::unknown(
        (fails_alone ? "it fails alone: " : "it could not be tried alone: ") + why->reason);
    return kill;
  }
  const mutant::Rewritten before = mutant::rewritten();
  kill.result = run(scenario, &mutant, seed).result;
  kill.fate = fate_of(mutant, kill.result.judgement);
  const mutant::Rewritten after = mutant::rewritten();
  const long seen = after.seen - before.seen;
  if (kill.fate == Fate::survived && seen > 0 && after.changed == before.changed) {
    kill.fate = Fate::unviable;
    kill.result.judgement = core::unknown(
        fmt::format("its rewrite matched none of the {} messages that the runner sent", seen));
  }
  return kill;
}

}  // namespace gauntlet::run
