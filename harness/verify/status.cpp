#include "harness/verify/status.h"

#include "harness/verify/late_files.h"
#include "harness/verify/pending.h"
#include "runner/postgres.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using runner::Entry;

core::Finding finding_at(const Context& context, const Entry& entry, std::string id) {
  core::Finding finding{.id = std::move(id), .where = {.version = entry.version.number}};
  for (const runner::Migration& migration : context.listing.migrations) {
    const bool is_it = migration.version == entry.version && migration.name == entry.name;
    if (is_it || (migration.version == entry.version && finding.where.file.empty()))
      finding.where.file = migration.up.file.string();
  }
  return finding;
}

std::string checksum_on_disk(const Context& context, const Entry& entry) {
  for (const runner::Migration& migration : context.listing.migrations) {
    if (migration.version == entry.version) return migration.up.checksum;
  }
  return {};
}

core::Finding unknown_finding(const Context& context, const Entry& entry) {
  core::Finding finding = finding_at(context, entry, "applied-unknown");
  const std::string name = entry.name.empty() ? "" : fmt::format(" ({})", entry.name);
  finding.message = fmt::format("{}{} is applied in the database but is not in {}",
                                entry.version.number, name, context.options.migrations.string());
  finding.fix =
      "bring the file back from the branch that applied it, or run its down migration there";
  return finding;
}

core::Finding renamed_finding(const Context& context, const Entry& entry) {
  core::Finding finding = finding_at(context, entry, "renamed-after-apply");
  finding.message = fmt::format("{} was applied as \"{}\" and is \"{}\" on disk",
                                entry.version.number, entry.recorded_name, entry.name);
  finding.fix =
      "rename the file back; or, if the new name is meant, correct the name in the tracker";
  return finding;
}

core::Finding edited_finding(const Context& context, const Entry& entry) {
  core::Finding finding = finding_at(context, entry, "edited-after-apply");
  finding.message = fmt::format(
      "{} ({}) changed after it was applied: sha256 {} on disk, {} in the tracker",
      entry.version.number, entry.name, checksum_on_disk(context, entry), entry.recorded_checksum);
  finding.fix = "restore the file and put the change in a new migration";
  return finding;
}

core::Finding in_progress_finding(const Context& context, const Entry& entry) {
  core::Finding finding = finding_at(context, entry, "in-progress");
  finding.message = fmt::format("{} ({}) was begun and has neither finished nor been given up: {}",
                                entry.version.number, entry.name, entry.progress);
  finding.fix =
      "if no runner is at work on it, `gauntlet-migrate up` tells what is left and how to go on";
  return finding;
}

core::Finding dirty_finding(const runner::Inspection& inspection) {
  core::Finding finding{.id = "legacy-dirty"};
  if (inspection.legacy_version) finding.where.version = inspection.legacy_version->number;
  const std::string at = inspection.legacy_version
                             ? fmt::format(" at {}", inspection.legacy_version->number)
                             : std::string();
  finding.message = fmt::format("the tracker is dirty{}: a migration failed half-way there", at);
  finding.fix =
      "finish or undo that migration by hand, then clear the mark with the tool that set it";
  return finding;
}

std::optional<core::Finding> finding_of(const Context& context, const Entry& entry) {
  switch (entry.state) {
    case Entry::State::unknown:
      return unknown_finding(context, entry);
    case Entry::State::renamed:
      return renamed_finding(context, entry);
    case Entry::State::edited:
      return edited_finding(context, entry);
    case Entry::State::in_progress:
      return in_progress_finding(context, entry);
    case Entry::State::applied:
    case Entry::State::pending:
      break;
  }
  return std::nullopt;
}

std::string counted(const Context& context, const AppliedState& state) {
  std::size_t applied = 0;
  std::vector<std::int64_t> pending;
  for (const Entry& entry : state.inspection.entries) {
    if (entry.state == Entry::State::applied) ++applied;
    if (entry.state == Entry::State::pending) pending.push_back(entry.version.number);
  }
  const std::string where = state.tracker.empty() ? "the database has no tracker"
                                                  : fmt::format("read from {}", state.tracker);
  const std::size_t total = context.listing.migrations.size();
  if (pending.empty()) return fmt::format("{} of {} applied; {}", applied, total, where);
  constexpr std::size_t listed_max = 20;
  const std::size_t more = pending.size() - std::min(pending.size(), listed_max);
  pending.resize(pending.size() - more);
  const std::string rest = more == 0 ? "" : fmt::format(" and {} more", more);
  return fmt::format("{} of {} applied, pending: {}{}; {}", applied, total,
                     fmt::join(pending, ", "), rest, where);
}

}  // namespace

core::Result status(const Context& context) {
  core::Result result{.id = "check/status", .subject = subject_name(context.options)};
  context.progress("status: reading the applied set");
  const auto session = connect_unbounded(context.arena->given(), "gauntlet status");
  AppliedState applied = applied_state(context, *session);
  result.notes = std::move(applied.notes);
  if (!applied.cannot_tell.empty()) {
    result.judgement = core::unknown(applied.cannot_tell);
    return result;
  }
  result.notes.push_back(counted(context, applied));
  if (std::string late = told_of_late(late_versions(applied), applied); !late.empty())
    result.notes.push_back(std::move(late));
  std::vector<core::Finding> findings;
  if (applied.inspection.legacy_dirty) findings.push_back(dirty_finding(applied.inspection));
  for (const Entry& entry : applied.inspection.entries) {
    if (auto finding = finding_of(context, entry)) findings.push_back(std::move(*finding));
  }
  result.judgement = core::judged(std::move(findings));
  return result;
}

}  // namespace gauntlet::verify
