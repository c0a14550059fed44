#include "harness/verify/other_server.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

bool is_of_class_42(const core::Finding& finding) {
  const bool fails = finding.id == "migration-fails" || finding.id == "apply-failed" ||
                     finding.id == "second-run-failed";
  return fails && finding.message.find("(SQLSTATE 42") != std::string::npos;
}

void excuse(core::Judgement& judgement, const std::string& note) {
  std::string first;
  std::erase_if(judgement.findings, [&](const core::Finding& finding) {
    if (!is_of_class_42(finding)) return false;
    if (first.empty()) first = finding.message.substr(0, finding.message.find('\n'));
    return true;
  });
  const bool still_violated = std::ranges::any_of(
      judgement.findings,
      [](const core::Finding& finding) { return finding.severity == core::Severity::violation; });
  if (first.empty() || still_violated) return;
  judgement.verdict = core::Verdict::unknown;
  judgement.reason = fmt::format("{}; there it may pass: {}", note, first);
}

}  // namespace

void tell_other_server(const Options& options, core::Report& report) {
  if (!options.server_version || !report.server) return;
  const std::string& version = report.server->version;
  const std::string major = version.substr(0, version.find('.'));
  if (major == std::to_string(*options.server_version)) return;
  const std::string note =
      fmt::format("other-server-version: judged on {}, the migrations are for PostgreSQL {}",
                  core::server_name(*report.server), *options.server_version);
  for (core::Result& result : report.results) {
    if (result.id == "check/lint") continue;
    result.notes.push_back(note);
    excuse(result.judgement, note);
  }
}

}  // namespace gauntlet::verify
