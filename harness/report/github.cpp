#include "harness/report/legible.h"
#include "harness/report/report.h"

#include <string_view>
#include <vector>

#include <fmt/format.h>

// https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions: a command is
// one line; in values `%`, CR and LF are escaped, in properties `:` and `,` also.
namespace gauntlet::report {

namespace {

std::string command_value(std::string_view text) {
  std::string value;
  for (const char c : legible(text)) {
    if (c == '%') {
      value += "%25";
    } else if (c == '\n') {
      value += "%0A";
    } else {
      value += c;
    }
  }
  return value;
}

std::string command_property(std::string_view text) {
  std::string property;
  for (const char c : command_value(text)) {
    if (c == ':') {
      property += "%3A";
    } else if (c == ',') {
      property += "%2C";
    } else {
      property += c;
    }
  }
  return property;
}

std::string annotation_of(const core::Result& result, const core::Finding& finding,
                          const SourceOptions& options) {
  const bool is_violation = finding.severity == core::Severity::violation;
  std::string properties;
  if (const core::Where& where = finding.where; !where.file.empty()) {
    properties +=
        "file=" + command_property(options.path_of ? options.path_of(where.file) : where.file);
    properties += fmt::format(",line={}", where.line.value_or(1));
    if (where.line && where.column) properties += fmt::format(",col={}", *where.column);
    properties += ",";
  }
  const std::string fix = finding.fix.empty() ? "" : "\nfix: " + finding.fix;
  return fmt::format("::{} {}title={}::{}\n", is_violation ? "error" : "warning", properties,
                     command_property(fmt::format("{}: {}", result.id, finding.id)),
                     command_value(finding.message + fix));
}

std::string annotation_of_unknown(const core::Result& result) {
  return fmt::format("::error title={}::{}\n", command_property(result.id + ": unknown"),
                     command_value(result.judgement.reason));
}

}  // namespace

std::string github(const core::Report& report, const SourceOptions& options) {
  std::string errors, warnings;
  for (const core::Result& result : report.results) {
    if (result.judgement.verdict == core::Verdict::unknown) errors += annotation_of_unknown(result);
    for (const core::Finding& finding : result.judgement.findings) {
      const bool is_violation = finding.severity == core::Severity::violation;
      (is_violation ? errors : warnings) += annotation_of(result, finding, options);
    }
  }
  if (report.results.empty()) errors += "::error title=gauntlet%3A unknown::nothing was judged\n";
  return errors + warnings;
}

}  // namespace gauntlet::report
