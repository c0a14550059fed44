#include "harness/oracle/holes.h"

#include "harness/oracle/endings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::Finding;

/// What oracles call a file that is on disk and took no effect.
bool says_absent(const Finding& finding) {
  return finding.id == "not-recorded" || finding.id == "not-applied";
}

bool says_failed(const Finding& finding) {
  return finding.id == "replica-failed" || finding.id == "apply-failed";
}

/// `6 (late_branch)`.
std::string described(const Observation& observation, std::int64_t version) {
  const auto row = std::ranges::find(observation.on_disk, version, &core::AppliedRow::version);
  const bool has_name = row != observation.on_disk.end() && row->name && !row->name->empty();
  return has_name ? fmt::format("{} ({})", version, *row->name) : std::to_string(version);
}

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// Does the text have this number, with leading zeros or not, and no digit beside it?
bool names_number(std::string_view text, std::int64_t version) {
  const std::string number = std::to_string(version);
  for (std::size_t at = text.find(number); at != std::string_view::npos;
       at = text.find(number, at + 1)) {
    const std::size_t end = at + number.size();
    std::size_t begin = at;
    while (begin > 0 && text[begin - 1] == '0') --begin;
    if ((begin == 0 || !is_digit(text[begin - 1])) && (end == text.size() || !is_digit(text[end])))
      return true;
  }
  return false;
}

bool is_sent(const Observation& observation, const FileStatements& statements,
             std::int64_t version) {
  return std::ranges::any_of(statements.all(), [&](const FileStatement& each) {
    return observation.files[each.file].version == version;
  });
}

bool server_refused_anything(const core::History& history) {
  return std::ranges::any_of(history.steps, [](const core::StepRecord& record) {
    return record.reply && record.reply->ending == core::Reply::Ending::refused;
  });
}

/// The first late file because of which the replicas seem to have failed: none of its statements
/// was sent, and the server refused nothing, or the words that they ended with name it.
std::optional<std::int64_t> refused_hole(const Observation& observation) {
  const core::History& history = observation.history;
  if (!successful_replicas(history, observation.success_codes).empty()) return std::nullopt;
  const FileStatements statements(history, observation.files);
  const bool was_watched = !history.steps.empty();
  for (const std::int64_t version : observation.late) {
    if (was_watched && is_sent(observation, statements, version)) continue;
    if (was_watched && !server_refused_anything(history)) return version;
    const bool is_named = std::ranges::any_of(history.outputs, [&](const auto& output) {
      return names_number(output.err, version) || names_number(output.out, version);
    });
    if (is_named) return version;
  }
  return std::nullopt;
}

Finding skipped(const Finding& absent, const std::string& file) {
  Finding finding = absent;
  finding.id = "hole-skipped";
  finding.message = fmt::format(
      "migration {} came below one that was applied before, and the runner passed it over in "
      "silence: databases that exist never get it, new ones do",
      file);
  finding.fix =
      "let the runner compare the set of versions and not the newest alone; with one that cannot, "
      "give the file a number above the newest before it is merged, and let CI refuse one below";
  return finding;
}

}  // namespace

void name_holes(core::Judgement& judgement, const Observation& observation) {
  if (observation.late.empty()) return;
  if (const auto refused = refused_hole(observation)) {
    for (Finding& finding : judgement.findings) {
      if (!says_failed(finding)) continue;
      finding.id = "hole-refused";
      finding.where.version = *refused;
      finding.message = fmt::format(
          "the runner refuses migration {}, which came below one that was applied before, and "
          "nothing of this release is applied: {}",
          described(observation, *refused), finding.message);
      finding.fix =
          "give the file a number above the newest, or tell the runner to take files that come "
          "late (goose -allow-missing, Flyway -outOfOrder=true, node-pg-migrate --no-check-order)";
    }
    std::erase_if(judgement.findings, [&](const Finding& finding) {
      return says_absent(finding) && observation.late.contains(finding.where.version.value_or(-1));
    });
    return;
  }
  for (const std::int64_t version : observation.late) {
    bool is_told = false;
    std::erase_if(judgement.findings, [&](Finding& finding) {
      if (!says_absent(finding) || finding.where.version != version) return false;
      if (is_told) return true;
      finding = skipped(finding, described(observation, version));
      is_told = true;
      return false;
    });
  }
}

}  // namespace gauntlet::oracle
