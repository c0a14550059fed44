// Verdicts and findings: what is said about a run. Values; no effects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::core {

/// In ascending order of gravity: the worst of several wins.
/// `not_applicable` was decided before the run; `unknown` was attempted and could not be decided.
/// `nothing_judged` is where every judgement begins: only an oracle or a check says `holds`. What
/// still stands there at the end is reported as unknown.
enum class Verdict { not_applicable, nothing_judged, holds, unknown, violated };

constexpr Verdict worst(Verdict a, Verdict b) { return a < b ? b : a; }

/// holds, violated, unknown, not-applicable: as JSON and reports spell it. `nothing_judged` is
/// spelled unknown.
std::string_view to_string(Verdict verdict);

/// Where a finding was made; what is not known is absent.
struct Where {
  std::string file = {};
  std::optional<int> line = {}, column = {};  ///< from 1; columns count characters
  std::optional<std::int64_t> version = {};
};

/// A violation counts against its result; a warning is told, and counts for nothing.
enum class Severity { violation, warning };

struct Finding {
  std::string id = {};       ///< stable, kebab-case
  std::string message = {};  ///< what happened, one lower-case sentence
  Where where = {};
  std::string fix = {};  ///< the next thing to do
  Severity severity = Severity::violation;
  std::string oracle = {};  ///< id of the oracle that made it; empty for a check's own finding
};

/// What an oracle or a check concluded. `reason` tells why it is unknown or not applicable.
struct Judgement {
  Verdict verdict = Verdict::nothing_judged;
  std::string reason = {};
  std::vector<Finding> findings = {};
};

/// Merges `part` into `whole`: worst verdict, first reason of the worst, all findings.
/// A judgement that is not applicable changes no verdict.
void merge(Judgement& whole, const Judgement& part);

/// violated with the findings, or holds if none of them is a violation.
Judgement judged(std::vector<Finding> findings);
Judgement unknown(std::string reason);
Judgement not_applicable(std::string reason);

/// The end of judging: a judgement in which nothing was judged becomes unknown and says so.
Judgement settled(Judgement judgement);

}  // namespace gauntlet::core
