#include "harness/core/verdict.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace gauntlet::core {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::not_applicable:
      return "not-applicable";
    case Verdict::nothing_judged:
      return "unknown";
    case Verdict::holds:
      return "holds";
    case Verdict::unknown:
      return "unknown";
    case Verdict::violated:
      return "violated";
  }
  assert(!"a verdict that has no name");
  return "unknown";
}

void merge(Judgement& whole, const Judgement& part) {
  const bool worse = part.verdict > whole.verdict;
  const bool first_reason = part.verdict == whole.verdict && whole.reason.empty();
  if (worse || first_reason) whole.reason = part.reason;
  whole.verdict = worst(whole.verdict, part.verdict);
  whole.findings.insert(whole.findings.end(), part.findings.begin(), part.findings.end());
}

Judgement judged(std::vector<Finding> findings) {
  const bool violated = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.severity == Severity::violation;
  });
  return {.verdict = violated ? Verdict::violated : Verdict::holds,
          .findings = std::move(findings)};
}

Judgement unknown(std::string reason) {
  return {.verdict = Verdict::unknown, .reason = std::move(reason)};
}

Judgement settled(Judgement judgement) {
  if (judgement.verdict != Verdict::nothing_judged) return judgement;
  judgement.verdict = Verdict::unknown;
  if (judgement.reason.empty()) judgement.reason = "nothing was judged";
  return judgement;
}

Judgement not_applicable(std::string reason) {
  return {.verdict = Verdict::not_applicable, .reason = std::move(reason)};
}

}  // namespace gauntlet::core
