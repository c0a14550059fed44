// A Report becomes text for people and what CI servers read. Pure; any thread may call.
#pragma once

#include "harness/core/report.h"

#include <functional>
#include <string>
#include <string_view>

namespace gauntlet::report {

struct TextOptions {
  bool colour = false;
  int width = 100;   ///< columns; 0: lines are not wrapped, or else at least 60
  bool all = false;  ///< every finding, note and file, also where many have one cause
};

/// The terminal report: first line the server, a table of the checks, every cause with where and
/// fix, the replay line, and as last line verdict and exit code.
std::string text(const core::Report& report, const TextOptions& options = {});

/// The contract: one object, schema 1. Complete: nothing is grouped.
std::string json(const core::Report& report);

/// What readers of a repository's files need.
struct SourceOptions {
  /// A file as its repository names it, with `/`. Absent: as the report names it.
  std::function<std::string(std::string_view file)> path_of = {};
  /// Where a finding without a file is shown.
  std::string otherwise = ".";
  std::string version = "0";  ///< of the program
};

/// JUnit XML: one suite. A result that holds is a case, and so is each finding of one that does
/// not, with file and line. Unknown is an error, not-applicable a skip. Each reason is in the body:
/// GitLab shows no `message` attribute.
std::string junit(const core::Report& report, const SourceOptions& options = {});

/// Workflow commands of GitHub Actions: an annotation a finding, errors first.
std::string github(const core::Report& report, const SourceOptions& options = {});

/// SARIF 2.1.0 (OASIS), as GitHub's code scanning reads it.
std::string sarif(const core::Report& report, const SourceOptions& options = {});

/// The Code Quality report of GitLab: an array of issues.
std::string gitlab(const core::Report& report, const SourceOptions& options = {});

/// For a comment or a job's summary; causes are grouped as in the text.
std::string markdown(const core::Report& report);

/// One page that needs nothing else; causes are grouped as in the text.
std::string html(const core::Report& report);

}  // namespace gauntlet::report
