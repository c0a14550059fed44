// The schema of an upgraded database beside that of a fresh one: both have applied the same files.
// Pure.
#pragma once

#include "harness/core/snapshot.h"
#include "harness/core/verdict.h"

#include <set>
#include <string>

namespace gauntlet::verify {

struct Upgrade {
  const core::Snapshot& fresh;
  const core::Snapshot& upgraded;
  /// What plain application left on an empty database: what differs there from `fresh` differs by
  /// run. Null: not known.
  const core::Snapshot* plain = nullptr;
  std::set<std::string> own_tables = {};  ///< of the runner
};

/// `upgrade-differs-from-fresh` for what the fresh database has and the upgraded one lacks or has
/// in another shape. Objects that only the upgraded one has, owners, grants, comments and storage
/// settings do not count: a production database has its own.
core::Judgement compare_upgrade(const Upgrade& upgrade);

}  // namespace gauntlet::verify
