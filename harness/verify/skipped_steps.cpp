#include "harness/verify/skipped_steps.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

/// Undefined or duplicate table, column, function, type, schema, object.
bool names_an_object(const std::string& message) {
  constexpr std::array<std::string_view, 9> states = {
      "SQLSTATE 42P01", "SQLSTATE 42703", "SQLSTATE 42883", "SQLSTATE 42704", "SQLSTATE 3F000",
      "SQLSTATE 42P07", "SQLSTATE 42701", "SQLSTATE 42723", "SQLSTATE 42710"};
  return std::ranges::any_of(
      states, [&](std::string_view state) { return message.find(state) != std::string::npos; });
}

/// The last line that names an object: a runner's output ends in its error.
std::string telling_line(const std::string& message) {
  std::string telling;
  std::istringstream lines(message);
  for (std::string line; std::getline(lines, line);)
    if (names_an_object(line)) telling = line;
  return telling.substr(telling.find_first_not_of(' '));
}

bool is_a_failure(const core::Finding& finding) {
  return finding.id == "migration-fails" || finding.id == "apply-failed" ||
         finding.id == "second-run-failed";
}

/// The skipped step before the failing file, or before whichever file failed.
const formats::Reading::CodeStep* step_before(const Context& context,
                                              const core::Finding& finding) {
  const formats::Reading::CodeStep* before = nullptr;
  for (const auto& step : context.skipped_steps) {
    // Where the failing file is not known, the first step is as good as any.
    const bool is_before =
        finding.where.version ? step.version.number < *finding.where.version : before == nullptr;
    if (is_before && (before == nullptr || before->version < step.version)) before = &step;
  }
  return before;
}

bool is_a_violation(const core::Finding& finding) {
  return finding.severity == core::Severity::violation;
}

}  // namespace

void excuse_skipped_steps(const Context& context, core::Result& result) {
  if (context.options.runner || context.skipped_steps.empty()) return;
  auto& findings = result.judgement.findings;
  std::string reason;
  std::erase_if(findings, [&](const core::Finding& finding) {
    if (!is_a_failure(finding) || !names_an_object(finding.message)) return false;
    const auto* step = step_before(context, finding);
    if (step == nullptr) return false;
    if (reason.empty())
      reason = fmt::format(
          "{} is a step in code and was skipped, and what fails after it may need it ({}): name "
          "the "
          "tool with --runner",
          step->file, telling_line(finding.message));
    return true;
  });
  if (reason.empty() || std::ranges::any_of(findings, is_a_violation)) return;
  result.judgement.verdict = core::Verdict::unknown;
  result.judgement.reason = std::move(reason);
}

}  // namespace gauntlet::verify
