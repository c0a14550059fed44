// What a run left beside what the files leave: objects and rows, the runner's own tables aside.
// Pure.
#pragma once

#include "harness/core/snapshot.h"
#include "harness/core/verdict.h"

#include <set>
#include <string>
#include <vector>

namespace gauntlet::truth {

struct Sides {
  const core::Snapshot& files;  ///< what plain application of the files leaves
  const core::Snapshot& run;    ///< what the runner left
  /// The same as `files`, from a session that differed in what should not matter; null: there is
  /// none yet, and every difference counts.
  const core::Snapshot* calibration = nullptr;
  std::set<std::string> own_tables = {};  ///< the runner's: bare names, or qualified ones
  std::string file_texts =
      {};  ///< of all files: an object that they do not mention is the runner's
  std::vector<std::string> unstable_columns = {};  ///< `table.column`, qualified or not
};

struct Differences {
  std::vector<core::Finding> findings = {};
  std::vector<std::string> withdrawn = {};  ///< what the calibration says nothing can be said of
  bool nothing_there = false;               ///< not one of the files' tables is there
};

Differences compare(const Sides& sides);

/// Takes the columns named `table.column` or `schema.table.column` out of the snapshot's data.
void forget_columns(core::Snapshot& snapshot, const std::vector<std::string>& columns);

/// `public.orders_at` of `index public.orders_at`: the qualified name in a catalogue entry's name;
/// its last word if none is qualified.
std::string relation_of(const std::string& entry);

}  // namespace gauntlet::truth
