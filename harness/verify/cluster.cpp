#include "harness/verify/cluster.h"

#include "harness/core/files.h"
#include "harness/observe/observe.h"
#include "harness/sql/migration_facts.h"

#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

constexpr std::string_view remedy =
    "use `--database ephemeral`, or `--allow-cluster-changes` if the server may be changed";

bool is_guarded(const Context& context) {
  return !context.arena->is_ephemeral() && !context.options.allow_cluster_changes;
}

/// `shop` of `database shop`, `comment on database shop`, `setting of app in database shop`.
std::string database_of(const std::string& name) {
  constexpr std::string_view word = "database ";
  const std::size_t at = name.find(word);
  const bool is_word = at == 0 || (at != std::string::npos && name[at - 1] == ' ');
  return is_word ? name.substr(at + word.size()) : std::string();
}

/// A database that somebody creates or drops meanwhile is no migration's doing: a file that says so
/// is not run on a given server.
bool came_or_went(const std::string& name, const core::Catalogue& before,
                  const core::Catalogue& after) {
  const std::string database = database_of(name);
  if (database.empty()) return false;
  return before.contains("database " + database) != after.contains("database " + database);
}

std::vector<std::string> changed(const core::Catalogue& before, const core::Catalogue& after) {
  std::vector<std::string> names;
  for (const auto& [name, value] : before) {
    if (came_or_went(name, before, after)) continue;
    const auto now = after.find(name);
    if (now == after.end()) names.push_back(fmt::format("{} is gone", name));
    if (now != after.end() && now->second != value)
      names.push_back(fmt::format("{} changed", name));
  }
  for (const auto& [name, value] : after) {
    if (came_or_went(name, before, after)) continue;
    if (before.find(name) == before.end()) names.push_back(fmt::format("{} is new", name));
  }
  return names;
}

}  // namespace

std::optional<std::string> cluster_refusal(const Context& context,
                                           const runner::Migration& migration,
                                           const std::vector<std::string>& words) {
  if (!is_guarded(context) || words.empty()) return std::nullopt;
  return fmt::format("not run on a given server: {} says {}, which acts on the whole server; {}",
                     core::name_in_messages(migration.up.file), words.front(), remedy);
}

std::optional<std::string> cluster_refusal(const Context& context) {
  if (!is_guarded(context)) return std::nullopt;
  for (const runner::Migration& migration : context.listing.migrations) {
    auto refusal = cluster_refusal(context, migration, sql::facts_of(migration.up).cluster_wide);
    if (refusal) return refusal;
  }
  return std::nullopt;
}

ClusterGuard::ClusterGuard(const Context& context) : context_(context) {
  if (is_guarded(context)) before_ = observe::shared_catalogue(context.arena->given());
}

void ClusterGuard::judge(core::Result& result) const {
  if (!before_) return;
  const auto names = changed(*before_, observe::shared_catalogue(context_.arena->given()));
  if (names.empty()) return;
  core::merge(result.judgement, core::unknown(fmt::format(
                                    "the given server itself was changed meanwhile, by a migration "
                                    "or by somebody else: {}; {}",
                                    fmt::join(names, ", "), remedy)));
}

}  // namespace gauntlet::verify
