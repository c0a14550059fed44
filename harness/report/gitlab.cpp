#include "harness/core/fnv1a.h"
#include "harness/report/legible.h"
#include "harness/report/report.h"

#include <set>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

// https://docs.gitlab.com/ci/testing/code_quality/: an array of issues, each with description,
// check_name, a fingerprint of its own, severity, and location.path and location.lines.begin.
namespace gauntlet::report {

namespace {

class CodeQuality {
 public:
  explicit CodeQuality(const SourceOptions& options) : options_(options) {}

  void add(const core::Result& result, const core::Finding& finding) {
    const bool has_file = !finding.where.file.empty();
    const bool is_violation = finding.severity == core::Severity::violation;
    const std::string path = !has_file          ? options_.otherwise
                             : options_.path_of ? options_.path_of(finding.where.file)
                                                : finding.where.file;
    issues_.push_back(
        {{"description",
          one_line(finding.fix.empty() ? finding.message : finding.message + "; " + finding.fix)},
         {"check_name", finding.id},
         {"fingerprint", fingerprint(result.id, finding, path)},
         {"severity", is_violation ? "critical" : "minor"},
         {"location", {{"path", path}, {"lines", {{"begin", finding.where.line.value_or(1)}}}}}});
  }

  std::string take() {
    using Handler = nlohmann::ordered_json::error_handler_t;
    return issues_.dump(2, ' ', false, Handler::replace) + "\n";
  }

 private:
  /// The same in each run; of findings that are equal the second differs by its number.
  std::string fingerprint(const std::string& check, const core::Finding& finding,
                          const std::string& path) {
    std::uint64_t hash = core::fnv1a(check);
    for (const std::string& part : {finding.id, path, finding.message})
      hash = core::fnv1a(part, core::fnv1a("\n", hash));
    for (int number = 1; !taken_.insert(hash).second; ++number)
      hash = core::fnv1a(std::to_string(number), hash);
    return fmt::format("{:016x}", hash);
  }

  const SourceOptions& options_;
  std::set<std::uint64_t> taken_ = {};
  nlohmann::ordered_json issues_ = nlohmann::ordered_json::array();
};

}  // namespace

std::string gitlab(const core::Report& report, const SourceOptions& options) {
  CodeQuality quality(options);
  for (const core::Result& result : report.results) {
    for (const core::Finding& finding : result.judgement.findings) quality.add(result, finding);
    if (result.judgement.verdict == core::Verdict::unknown)
      quality.add(result, {.id = result.id, .message = "unknown: " + result.judgement.reason});
  }
  if (report.results.empty()) quality.add({}, {.id = "gauntlet", .message = "nothing was judged"});
  return quality.take();
}

}  // namespace gauntlet::report
