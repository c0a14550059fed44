// A folder becomes an ordered list of migrations, or a list of what is wrong with it.
// Reads files; decides nothing about databases.
#pragma once

#include "runner/values/migration.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::runner {

/// One thing wrong, or suspicious, with the files of a source.
///
/// Ids of errors:   unparseable-name, empty-name, version-too-large, duplicate-version,
/// duplicate-down,
///                  down-without-up, not-utf8, nul-byte.
/// Ids of warnings: unrecognized-file, names-differ (up and down of one version).
struct Problem {
  enum class Severity { error, warning };

  std::string id = {};
  Severity severity = Severity::error;
  std::string message = {};
  std::vector<std::filesystem::path> files = {};  ///< every file concerned
  std::optional<Version> version = {};
  std::optional<Place> place = {};
  std::string fix = {};
};

/// What a source holds: migrations in ascending order, and every problem found on the way.
/// With any problem of severity `error` a runner must refuse to start.
struct Listing {
  std::vector<Migration> migrations;
  std::vector<Problem> problems;
};

/// Reads `folder` (not recursively).
/// Throws: Error `no-such-folder`, `unreadable-file`.
Listing read_folder(const std::filesystem::path& folder);

/// The same over an explicit list of files.
Listing read_files(const std::vector<std::filesystem::path>& files);

/// The same over files that were read already: of each, `file` and `bytes` are looked at.
Listing list_scripts(std::vector<Script> scripts);

/// A migration written as code, beside those in files.
struct CodeMigration {
  Version version;
  std::string name;
  Code up;
  Code down = {};
};

/// The listing of migrations written as code. Problems: `duplicate-version`, `empty-name`,
/// `no-code` (nothing to run), `version-too-small` (below 0).
Listing list_code(std::vector<CodeMigration> migrations);

/// One ordered list out of several: a folder, an embedded set, code. A version of two lists is a
/// `duplicate-version` that names both.
Listing combine(std::vector<Listing> listings);

/// Throws one Error that names every problem of severity `error`; does nothing without any.
void refuse_problems(const Listing& listing);

}  // namespace gauntlet::runner
