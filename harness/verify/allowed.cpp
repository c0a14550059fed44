#include "harness/verify/allowed.h"

#include "runner/sql/lexer.h"
#include "runner/sql/statement.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

constexpr std::string_view word = "allow ";
constexpr std::size_t date_bytes = 10;

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") + 1 - from);
}

bool is_date(std::string_view text) {
  if (text.size() != date_bytes) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_dash = at == 4 || at == 7;
    if (is_dash ? text[at] != '-' : text[at] < '0' || text[at] > '9') return false;
  }
  return true;
}

void add_allowances(const runner::Script& script, std::vector<Allowance>& all) {
  runner::Lexer lexer(script.sql());
  while (const auto token = lexer.next()) {
    if (token->kind != runner::Token::Kind::comment) continue;
    const auto directive = runner::directive_in(token->text);
    auto allowance = directive ? allowance_in(*directive) : std::nullopt;
    if (!allowance) continue;
    allowance->file = script.file.filename().string();
    all.push_back(*std::move(allowance));
  }
}

bool is_over(const Allowance& allowance, const std::string& today) {
  return !allowance.until.empty() && allowance.until < today;
}

/// What stands without the findings that were taken out.
core::Judgement settled_anew(core::Judgement judgement) {
  if (judgement.verdict != core::Verdict::violated) return judgement;
  const bool is_violated = std::ranges::any_of(judgement.findings, [](const auto& finding) {
    return finding.severity == core::Severity::violation;
  });
  if (is_violated) return judgement;
  judgement.verdict = judgement.reason.empty() ? core::Verdict::holds : core::Verdict::unknown;
  return judgement;
}

}  // namespace

std::optional<Allowance> allowance_in(std::string_view directive) {
  if (!directive.starts_with(word)) return std::nullopt;
  directive.remove_prefix(word.size());
  const std::size_t colon = directive.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Allowance allowance{.file = {},
                      .id = std::string(trimmed(directive.substr(0, colon))),
                      .reason = std::string(trimmed(directive.substr(colon + 1)))};
  const std::size_t until = allowance.reason.rfind("until ");
  if (until != std::string::npos && is_date(trimmed(allowance.reason.substr(until + 6)))) {
    allowance.until = trimmed(allowance.reason.substr(until + 6));
    allowance.reason = trimmed(allowance.reason.substr(0, until));
  }
  if (allowance.id.empty() || allowance.reason.empty()) return std::nullopt;
  return allowance;
}

std::vector<Allowance> allowances_of(const runner::Listing& listing) {
  std::vector<Allowance> all;
  for (const runner::Migration& migration : listing.migrations) {
    add_allowances(migration.up, all);
    if (migration.down) add_allowances(*migration.down, all);
  }
  return all;
}

void apply_allowances(core::Report& report, const std::vector<Allowance>& allowances,
                      const std::string& today, bool is_whole) {
  for (const Allowance& allowance : allowances) {
    bool was_met = false;
    for (core::Result& result : report.results) {
      const auto is_allowed = [&](const core::Finding& finding) {
        return finding.id == allowance.id &&
               std::filesystem::path(finding.where.file).filename().string() == allowance.file;
      };
      if (is_over(allowance, today)) {
        was_met = was_met || std::ranges::any_of(result.judgement.findings, is_allowed);
        continue;
      }
      const auto count = std::erase_if(result.judgement.findings, is_allowed);
      if (count == 0) continue;
      was_met = true;
      result.notes.push_back(fmt::format("allowed: {} {} in {}: {}", count, allowance.id,
                                         allowance.file, allowance.reason));
      result.judgement = settled_anew(std::move(result.judgement));
    }
    const bool is_told = was_met ? is_over(allowance, today) : is_whole;
    if (!is_told || report.results.empty()) continue;
    report.results.front().judgement.findings.push_back(
        {.id = was_met ? "allowance-over" : "unused-allowance",
         .message = was_met ? fmt::format("{} allows {} until {}, which is over", allowance.file,
                                          allowance.id, allowance.until)
                            : fmt::format("{} allows {}, and there is no such finding in it",
                                          allowance.file, allowance.id),
         .where = {.file = allowance.file},
         .fix = was_met ? "mend the file, or give a later day" : "take the line out",
         .severity = core::Severity::warning});
  }
}

}  // namespace gauntlet::verify
