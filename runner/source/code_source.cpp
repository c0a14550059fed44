#include "runner/source/source.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

Problem problem_of_code(const CodeMigration& migration, std::string id, std::string message,
                        std::string fix) {
  return {.id = std::move(id),
          .message = std::move(message),
          .version = migration.version,
          .fix = std::move(fix)};
}

void note_problems(const CodeMigration& migration, std::vector<Problem>& problems) {
  const std::int64_t number = migration.version.number;
  if (number < 0) {
    problems.push_back(problem_of_code(
        migration, "version-too-small",
        fmt::format("the migration {} ({}) has a version below 0", number, migration.name),
        "give it a version of its own, 0 or more"));
  }
  if (migration.name.empty()) {
    problems.push_back(problem_of_code(
        migration, "empty-name", fmt::format("migration {}, which is code, has no name", number),
        "say in its name what it does"));
  }
  if (!migration.up) {
    problems.push_back(problem_of_code(
        migration, "no-code",
        fmt::format("migration {} ({}) was listed as code, without any", number, migration.name),
        "give it the function that does its work"));
  }
}

void merge_same_versions(std::vector<Migration>& migrations, std::vector<Problem>& problems) {
  std::ranges::stable_sort(migrations, {}, &Migration::version);
  for (auto at = migrations.begin(); at != migrations.end();) {
    const auto end = std::find_if(at, migrations.end(), [&](const Migration& migration) {
      return migration.version != at->version;
    });
    if (end - at > 1) {
      Problem problem{.id = "duplicate-version",
                      .version = at->version,
                      .fix = "keep one of them, and give the others versions of their own"};
      std::string names;
      for (auto same = at; same != end; ++same) {
        if (!same->up.file.empty()) problem.files.push_back(same->up.file);
        names +=
            fmt::format("{}{} ({})", names.empty() ? "" : ", ", to_string(*same), same->where());
      }
      problem.message =
          fmt::format("version {} has {} migrations: {}", at->version.number, end - at, names);
      problems.push_back(std::move(problem));
    }
    at = end;
  }
  const auto same_version = [](const Migration& a, const Migration& b) {
    return a.version == b.version;
  };
  migrations.erase(std::unique(migrations.begin(), migrations.end(), same_version),
                   migrations.end());
}

}  // namespace

Listing list_code(std::vector<CodeMigration> migrations) {
  Listing listing;
  for (CodeMigration& code : migrations) {
    note_problems(code, listing.problems);
    listing.migrations.push_back({.version = code.version,
                                  .name = std::move(code.name),
                                  .up_code = std::move(code.up),
                                  .down_code = std::move(code.down)});
  }
  merge_same_versions(listing.migrations, listing.problems);
  return listing;
}

Listing combine(std::vector<Listing> listings) {
  Listing whole;
  for (Listing& listing : listings) {
    std::ranges::move(listing.migrations, std::back_inserter(whole.migrations));
    std::ranges::move(listing.problems, std::back_inserter(whole.problems));
  }
  merge_same_versions(whole.migrations, whole.problems);
  return whole;
}

}  // namespace gauntlet::runner
