// What `verify` prints of a runner that was certified before: one line. Reads the runner's files;
// one thread.
#pragma once

#include "harness/cli/command_line.h"
#include "harness/core/report.h"

#include <filesystem>
#include <string>

namespace gauntlet::cli {

/// Where a certificate lies: beside the subject file, or else in the current folder.
std::filesystem::path certificate_folder(const std::string& subject_file);

/// Adds the result `runner/certificate` where a runner is named and a runner.lock.json is there.
/// It changes no verdict, unless `--fail-on runner` was given: then a certificate that is violated
/// is a violation, and one that is stale, or missing, is unknown. Throws nothing: a file that
/// cannot be read is told as stale.
void add_certificate(core::Report& report, const VerifyCommand& command);

}  // namespace gauntlet::cli
