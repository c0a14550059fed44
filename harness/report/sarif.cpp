#include "harness/report/legible.h"
#include "harness/report/report.h"

#include <cctype>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

// SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. What GitHub reads
// of it: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files.
namespace gauntlet::report {

namespace {

using SarifJson = nlohmann::ordered_json;

/// A relative reference as RFC 3986 has it.
std::string uri_of(std::string_view path) {
  std::string uri;
  for (const char c : path) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                          std::string_view("-._~/").find(c) != std::string_view::npos;
    uri += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

class SarifRun {
 public:
  explicit SarifRun(const SourceOptions& options) : options_(options) {}

  void add(const core::Result& result) {
    for (const core::Finding& finding : result.judgement.findings) add(result, finding);
    if (result.judgement.verdict == core::Verdict::unknown)
      add_unknown(result.id, result.judgement.reason);
  }

  /// A reader that shows results only must not take an undecided run for a clean one.
  void add_unknown(const std::string& id, const std::string& reason) {
    const std::string text = fmt::format("{}: unknown: {}", id, reason);
    notifications_.push_back({{"level", "error"}, {"message", {{"text", legible(text)}}}});
    push("undecided", "error", text, {});
  }

  SarifJson take() {
    SarifJson run = {
        {"tool",
         {{"driver", {{"name", "gauntlet"}, {"version", options_.version}, {"rules", rules_}}}}},
        {"columnKind", "unicodeCodePoints"},
        {"results", results_}};
    run["invocations"] = {{{"executionSuccessful", notifications_.empty()},
                           {"toolExecutionNotifications", notifications_}}};
    return run;
  }

 private:
  void add(const core::Result& result, const core::Finding& finding) {
    const bool is_violation = finding.severity == core::Severity::violation;
    std::string text = fmt::format("{}: {}", result.id, finding.message);
    if (!finding.fix.empty()) text += "\nfix: " + finding.fix;
    push(finding.id, is_violation ? "error" : "warning", text, finding.where);
  }

  void push(const std::string& rule, std::string_view level, const std::string& text,
            const core::Where& where) {
    results_.push_back({{"ruleId", rule},
                        {"ruleIndex", index_of(rule)},
                        {"level", level},
                        {"message", {{"text", legible(text)}}},
                        {"locations", SarifJson::array({location_of(where)})}});
  }

  SarifJson location_of(const core::Where& where) const {
    const std::string path = where.file.empty() ? options_.otherwise
                             : options_.path_of ? options_.path_of(where.file)
                                                : where.file;
    SarifJson region = {{"startLine", where.line.value_or(1)}};
    if (where.line && where.column) region["startColumn"] = *where.column;
    return {
        {"physicalLocation", {{"artifactLocation", {{"uri", uri_of(path)}}}, {"region", region}}}};
  }

  std::size_t index_of(const std::string& rule) {
    const auto [found, is_new] = rule_indices_.try_emplace(rule, rules_.size());
    if (is_new) rules_.push_back({{"id", rule}, {"shortDescription", {{"text", rule}}}});
    return found->second;
  }

  const SourceOptions& options_;
  std::map<std::string, std::size_t> rule_indices_ = {};
  SarifJson rules_ = SarifJson::array(), results_ = SarifJson::array(),
            notifications_ = SarifJson::array();
};

}  // namespace

std::string sarif(const core::Report& report, const SourceOptions& options) {
  SarifRun run(options);
  for (const core::Result& result : report.results) run.add(result);
  if (report.results.empty()) run.add_unknown("gauntlet", "nothing was judged");
  const SarifJson log = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                         {"version", "2.1.0"},
                         {"runs", SarifJson::array({run.take()})}};
  return log.dump(2, ' ', false, SarifJson::error_handler_t::replace) + "\n";
}

}  // namespace gauntlet::report
