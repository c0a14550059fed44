#include "harness/verify/verify.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using core::Verdict;

// A mutant is viable if it does its work alone, and is idle the second time: its flaw is one of
// concurrency, order or state, and nothing else.
std::optional<std::string> unviable(const mutant::Mutant& mutant, arena::Arena& arena,
                                    const Options& options) {
  const scenario::Scenario alone{
      .id = "viable",
      .claim = "it applies two migrations alone, and nothing the second time",
      .why = "a mutant that cannot even do that proves nothing",
      .stages = {{.name = "first run",
                  .files = {{"001_a.up.sql", "CREATE TABLE a(x int)"},
                            {"002_b.up.sql", "INSERT INTO a VALUES (1)"}},
                  .replicas = 1,
                  .oracles = {"all-succeed", "set-equality", "data-equals-serial"}},
                 {.name = "second run", .replicas = 1, .oracles = {"all-succeed", "idempotent"}}}};
  const core::Result result = verify(alone, &mutant, arena, options);
  if (result.judgement.verdict == Verdict::holds) return std::nullopt;
  if (!result.judgement.findings.empty()) return result.judgement.findings.front().message;
  return result.judgement.reason;
}

Caught caught_of(const mutant::Mutant& mutant, const core::Judgement& judgement) {
  if (judgement.verdict == Verdict::holds) return Caught::missed;
  if (judgement.verdict != Verdict::violated) return Caught::timeout;
  const bool declared = std::ranges::any_of(judgement.findings, [&](const core::Finding& finding) {
    return std::ranges::find(mutant.findings, finding.id) != mutant.findings.end();
  });
  return declared ? Caught::caught : Caught::wrong_reason;
}

}  // namespace

std::string_view to_string(Caught caught) {
  switch (caught) {
    case Caught::caught:
      return "caught";
    case Caught::wrong_reason:
      return "wrong-reason";
    case Caught::missed:
      return "missed";
    case Caught::timeout:
      return "timeout";
    case Caught::unviable:
      return "unviable";
  }
  return "?";
}

Kill kill(const mutant::Mutant& mutant, const scenario::Scenario& scenario, arena::Arena& arena,
          const Options& options) {
  Kill kill{.mutant = mutant.name, .scenario = scenario.id, .caught = Caught::missed, .result = {}};
  if (const auto reason = unviable(mutant, arena, options)) {
    kill.caught = Caught::unviable;
    kill.result.judgement = core::unknown("it fails alone: " + *reason);
    return kill;
  }
  kill.result = verify(scenario, &mutant, arena, options);
  kill.caught = caught_of(mutant, kill.result.judgement);
  return kill;
}

}  // namespace gauntlet::verify
