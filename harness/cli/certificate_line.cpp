#include "harness/cli/certificate_line.h"

#include "harness/certify/executables.h"
#include "harness/certify/lock_file.h"
#include "harness/cli/subject_choice.h"
#include "harness/core/files.h"
#include "runner/values/error.h"

#include <chrono>
#include <system_error>

#include <fmt/format.h>

namespace gauntlet::cli {

namespace {

namespace fs = std::filesystem;

fleet::Subject named_subject(const verify::Options& options) {
  if (options.subject) return *options.subject;
  return fleet::command_subject(*options.runner, options.success_codes);
}

core::Judgement judgement_of(const certify::Certificate& certificate, const std::string& stale,
                             bool fails_on_runner) {
  const std::string line = certify::one_line(certificate);
  if (!stale.empty()) {
    const std::string told =
        fmt::format("stale: {}; run `gauntlet certify` again; it said: {}", stale, line);
    return fails_on_runner ? core::unknown(told) : core::not_applicable(told);
  }
  if (!fails_on_runner) return core::not_applicable(line);
  core::Judgement judgement = core::judged({});
  if (certificate.verdict() == core::Verdict::unknown) judgement = core::unknown(line);
  if (certificate.verdict() == core::Verdict::violated)
    judgement = core::judged({{.id = "runner-finding",
                               .message = line,
                               .fix = fmt::format("read {}", certify::markdown_file_name)}});
  judgement.reason = line;
  return judgement;
}

}  // namespace

fs::path certificate_folder(const std::string& subject_file) {
  return subject_file.empty() ? fs::current_path() : fs::absolute(subject_file).parent_path();
}

void add_certificate(core::Report& report, const VerifyCommand& command) {
  const verify::Options& options = command.options;
  if (!options.runner) return;
  const auto began = std::chrono::steady_clock::now();
  const fs::path file = certificate_folder(options.subject_file.string()) / certify::lock_file_name;
  core::Result result{.id = "runner/certificate", .subject = *options.runner};
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    if (!command.fails_on_runner) return;
    result.judgement =
        core::unknown(fmt::format("there is no {}; run `gauntlet certify` first", file.string()));
    report.results.push_back(std::move(result));
    return;
  }
  try {
    const certify::Certificate certificate =
        certify::read_lock_file(core::read_file(file), file.string());
    const std::string stale =
        certify::stale_reason(certificate, certify::executables_of(named_subject(options)));
    result.judgement = judgement_of(certificate, stale, command.fails_on_runner);
  } catch (const runner::Error& error) {
    const std::string told = "stale: " + error.message();
    result.judgement = command.fails_on_runner ? core::unknown(told) : core::not_applicable(told);
  }
  result.seconds = std::chrono::steady_clock::now() - began;
  report.results.push_back(std::move(result));
}

}  // namespace gauntlet::cli
