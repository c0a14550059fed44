// What the stages of a scenario find on disk. Pure, so safe on any thread.
#pragma once

#include "harness/core/report.h"
#include "harness/oracle/file_statements.h"
#include "harness/scenario/scenario.h"
#include "runner/source/source.h"

#include <string>
#include <vector>

namespace gauntlet::run {

/// Every file of it, also one that no runner should take for a migration, and what the reference
/// runner makes of them.
struct Folder {
  std::vector<runner::Script> files = {};
  runner::Listing listing = {};
};

/// As it stands at each stage: later files join it, or replace their namesakes.
std::vector<Folder> folders_of(const scenario::Scenario& scenario);

/// As oracles know them: the migrations of the listing, in order.
std::vector<oracle::MigrationFile> migration_files(const runner::Listing& listing);

/// Every up file with a number, also two of one number.
std::vector<oracle::MigrationFile> numbered_files(const Folder& folder);

/// Those of the listing's migrations, up and down.
std::vector<runner::Script> files_of(const runner::Listing& listing);

/// The first file that the text names; without a file if it names none.
core::Where where_of(const Folder& folder, const std::string& text);

}  // namespace gauntlet::run
