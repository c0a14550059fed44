#include "runner/values/plan.h"

#include "runner/sql/lexer.h"
#include "runner/values/harmless_edit.h"

#include <map>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

Entry entry_of(const Migration& migration, const AppliedRow& row, PlanPolicy::Checksums checksums) {
  const auto checksum = migration.checksum();
  const bool edited = checksums == PlanPolicy::Checksums::verify && row.checksum && checksum &&
                      *row.checksum != *checksum;
  Entry::State state = Entry::State::applied;
  if (edited) state = Entry::State::edited;
  if (row.name != migration.name) state = Entry::State::renamed;
  return {.version = migration.version,
          .name = migration.name,
          .recorded_name = row.name,
          .state = state,
          .recorded_checksum = row.checksum.value_or(""),
          .applied_at = row.applied_at,
          .progress = {}};
}

Entry pending_entry(const Migration& migration) {
  Entry entry;
  entry.version = migration.version;
  entry.name = migration.name;
  return entry;
}

Entry unknown_entry(const AppliedRow& row) {
  return {.version = row.version,
          .name = row.name,
          .recorded_name = row.name,
          .state = Entry::State::unknown,
          .recorded_checksum = row.checksum.value_or(""),
          .applied_at = row.applied_at,
          .progress = {}};
}

Entry in_progress_entry(const Mark& mark) {
  return {.version = mark.version,
          .name = mark.name,
          .recorded_name = mark.name,
          .state = Entry::State::in_progress,
          .recorded_checksum = mark.checksum.value_or(""),
          .applied_at = {},
          .progress = progress_of(mark)};
}

// The file's own name with the description under which it was applied.
std::string file_name_before_rename(const Migration& migration, const std::string& recorded) {
  const std::string file = migration.up.file.filename().string();
  return file.substr(0, file.find('_') + 1) + recorded + ".up.sql";
}

Error renamed(const Migration& migration, const Entry& entry, const std::string& tracker) {
  return {
      "renamed",
      fmt::format("migration {} is called \"{}\" on disk but was applied as \"{}\"",
                  entry.version.number, entry.name, entry.recorded_name),
      fmt::format("{}, tracker {}", migration.where(), tracker),
      fmt::format("rename the file back to {}; or, if the new name is meant: UPDATE {} SET name "
                  "= {} WHERE version = {}",
                  file_name_before_rename(migration, entry.recorded_name), tracker,
                  quoted_by('\'', entry.name), entry.version.number)};
}

Error edited(const Migration& migration, const Entry& entry, const std::string& tracker) {
  const auto harmless = harmless_edit(migration.up.bytes, entry.recorded_checksum);
  const std::string accept = fmt::format("gauntlet-migrate accept {}", entry.version.number);
  return {"edited-after-apply",
          fmt::format("migration {} changed after it was applied{}", to_string(migration),
                      harmless ? ": " + *harmless : ""),
          fmt::format("{} is sha256:{}, tracker {} recorded sha256:{}", migration.up.file.string(),
                      migration.up.checksum, tracker, entry.recorded_checksum),
          harmless ? fmt::format("record the file as it is now: {}; or restore it", accept)
                   : "restore the file and put the change in a new migration; or, if the edit was "
                     "harmless: " +
                         accept};
}

Error unknown(const Entry& entry, const std::string& tracker) {
  return {
      "unknown-applied",
      fmt::format("migration {} ({}) is applied but not on disk", entry.version.number, entry.name),
      "tracker " + tracker, "deploy a build that has its file, or run without --strict"};
}

}  // namespace

std::string progress_of(const Mark& mark) {
  if (mark.is_whole_file()) return "no known statement (the file was sent whole)";
  if (mark.statement_index > mark.statements) {
    return fmt::format("the end of its {} statements", mark.statements);
  }
  return fmt::format("statement {} of {}", mark.statement_index, mark.statements);
}

std::string begun_by(const Mark& mark, const std::string& process_noun) {
  const std::string begun = "begun " + mark.started_at;
  if (mark.was_refused()) return begun + ", then refused";
  return fmt::format("{} by {} {}", begun, process_noun, mark.backend_pid);
}

std::string to_string(Entry::State state) {
  switch (state) {
    case Entry::State::applied:
      return "applied";
    case Entry::State::pending:
      return "pending";
    case Entry::State::unknown:
      return "unknown";
    case Entry::State::renamed:
      return "renamed";
    case Entry::State::edited:
      return "edited";
    case Entry::State::in_progress:
      return "in-progress";
  }
  return "";
}

std::vector<Entry> compare(const std::vector<Migration>& available, const AppliedSet& applied,
                           PlanPolicy::Checksums checksums) {
  std::map<Version, const AppliedRow*> rows;
  std::map<Version, Entry> entries;
  for (const AppliedRow& row : applied.rows) {
    rows[row.version] = &row;
    entries[row.version] = unknown_entry(row);
  }
  for (const Migration& migration : available) {
    const auto row = rows.find(migration.version);
    entries[migration.version] =
        row == rows.end() ? pending_entry(migration) : entry_of(migration, *row->second, checksums);
  }
  for (const Mark& mark : applied.marks) entries[mark.version] = in_progress_entry(mark);
  std::vector<Entry> ascending;
  ascending.reserve(entries.size());
  for (auto& [version, entry] : entries) ascending.push_back(std::move(entry));
  return ascending;
}

Plan make_plan(const std::vector<Migration>& available, const AppliedSet& applied,
               const PlanPolicy& policy) {
  std::map<Version, const Migration*> on_disk;
  for (const Migration& migration : available) on_disk[migration.version] = &migration;
  Plan plan;
  for (const Mark& mark : applied.marks) {
    if (on_disk.contains(mark.version)) {
      plan.in_progress.push_back(mark);
    } else {
      plan.notes.push_back(fmt::format("migration {} ({}) is in progress but not on disk",
                                       mark.version.number, mark.name));
    }
  }
  for (const Entry& entry : compare(available, applied, policy.checksums)) {
    switch (entry.state) {
      case Entry::State::pending:
        plan.pending.push_back(on_disk.at(entry.version));
        break;
      case Entry::State::renamed:
        plan.problems.push_back(renamed(*on_disk.at(entry.version), entry, policy.tracker));
        break;
      case Entry::State::edited:
        plan.problems.push_back(edited(*on_disk.at(entry.version), entry, policy.tracker));
        break;
      case Entry::State::unknown:
        if (policy.unknown == PlanPolicy::Unknown::refuse) {
          plan.problems.push_back(unknown(entry, policy.tracker));
        } else {
          plan.notes.push_back(unknown(entry, policy.tracker).message());
        }
        break;
      case Entry::State::applied:
      case Entry::State::in_progress:
        break;
    }
  }
  return plan;
}

void refuse_problems(const Plan& plan) {
  if (plan.problems.empty()) return;
  if (plan.problems.size() == 1) throw plan.problems.front();
  std::string where;
  std::string fix;
  for (const Error& problem : plan.problems) {
    const std::string separator = where.empty() ? "" : "\n         ";
    where +=
        fmt::format("{}{}: {}: {}", separator, problem.code(), problem.message(), problem.where());
    fix += separator + problem.fix();
  }
  throw Error(plan.problems.front().code(),
              fmt::format("{} applied migrations do not match the files", plan.problems.size()),
              where, fix);
}

}  // namespace gauntlet::runner
