#include "harness/verify/late_files.h"

#include "harness/truth/difference.h"
#include "harness/truth/statement_text.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using runner::Entry;

std::optional<std::int64_t> newest_applied(const AppliedState& state) {
  std::optional<std::int64_t> newest;
  for (const Entry& entry : state.inspection.entries)
    if (entry.state != Entry::State::pending)
      newest = std::max(newest.value_or(entry.version.number), entry.version.number);
  return newest;
}

/// The words by which a file names an object: of a column its table, too, since many have an `id`.
using Words = std::vector<std::string>;

Words words_of(const std::string& entry) {
  std::string relation = truth::relation_of(entry);
  Words words;
  const std::size_t parts_max = entry.starts_with("column ") ? 2 : 1;
  while (words.size() < parts_max) {
    const std::size_t dot = relation.rfind('.');
    words.push_back(relation.substr(dot == std::string::npos ? 0 : dot + 1));
    if (dot == std::string::npos) break;
    relation.resize(dot);
  }
  return words;
}

/// What one schema has and the other lacks.
std::vector<Words> missing_objects(const core::Snapshot& fresh, const core::Snapshot& upgraded) {
  std::vector<Words> objects;
  for (const auto& [entry, text] : *fresh.catalogue)
    if (!upgraded.catalogue->contains(entry)) objects.push_back(words_of(entry));
  return objects;
}

}  // namespace

std::set<std::int64_t> late_versions(const AppliedState& state) {
  std::set<std::int64_t> late;
  const auto newest = newest_applied(state);
  if (!newest || state.only_newest) return late;
  for (const Entry& entry : state.inspection.entries)
    if (entry.state == Entry::State::pending && entry.version.number < *newest)
      late.insert(entry.version.number);
  return late;
}

std::string told_of_late(const std::set<std::int64_t>& late, const AppliedState& state) {
  if (late.empty()) return {};
  return fmt::format(
      "pending below {}, which is applied: {}; a runner that compares with the newest version "
      "passes such a file over, another one refuses it: `boot` tells what this one does",
      newest_applied(state).value_or(0), fmt::join(late, ", "));
}

void name_skipped_files(core::Judgement& judgement, const runner::Listing& listing,
                        const AppliedState& state, const core::Snapshot& fresh,
                        const core::Snapshot& upgraded) {
  const auto newest = newest_applied(state);
  const bool may_be = state.only_newest && newest && fresh.catalogue && upgraded.catalogue;
  if (!may_be || judgement.findings.empty()) return;
  const std::vector<Words> missing = missing_objects(fresh, upgraded);
  std::vector<const runner::Migration*> skipped;
  for (const runner::Migration& migration : listing.migrations) {
    const bool names_it = std::ranges::any_of(missing, [&](const Words& words) {
      return std::ranges::all_of(words, [&](const std::string& word) {
        return truth::mentions(migration.up.sql(), word);
      });
    });
    if (names_it && migration.version.number < *newest) skipped.push_back(&migration);
  }
  if (skipped.empty()) return;
  std::vector<std::string> names;
  for (const runner::Migration* migration : skipped) names.push_back(runner::to_string(*migration));
  core::Finding& finding = judgement.findings.front();
  finding.id = "hole-skipped";
  finding.where = {.file = skipped.front()->up.file.string(),
                   .version = skipped.front()->version.number};
  finding.message = fmt::format(
      "{} {} below {}, the newest version that {} keeps, and seem{} never to have run on the given "
      "database: the runner passes such files over in silence; {}",
      fmt::join(names, ", "), names.size() == 1 ? "is" : "are", *newest, state.tracker,
      names.size() == 1 ? "s" : "", finding.message);
  finding.fix =
      "run what is missing by hand there, or give it a new file above the newest version; let CI "
      "refuse files below it, or take a runner that records each version";
}

}  // namespace gauntlet::verify
