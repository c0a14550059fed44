// A Report becomes text, JSON or JUnit XML. Pure.
#pragma once

#include "harness/core/report.h"

#include <string>

namespace gauntlet::report {

struct TextOptions {
  bool colour = false;
  int width = 100;  ///< columns; at least 60
};

/// The terminal report: first line the server, a table of the checks, every finding with where and
/// fix, the replay line, and as last line verdict and exit code.
std::string text(const core::Report& report, const TextOptions& options = {});

/// The contract: one object, schema 1.
std::string json(const core::Report& report);

/// JUnit XML as CI servers read it: one suite, a case a result; unknown is an error, not-applicable
/// a skip.
std::string junit(const core::Report& report);

}  // namespace gauntlet::report
