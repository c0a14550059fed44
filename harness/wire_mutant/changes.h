// What becomes of one step of a mutated runner. Pure.
#pragma once

#include "harness/core/step.h"
#include "harness/wire_mutant/mutants.h"

#include <optional>
#include <set>
#include <string>

namespace gauntlet::wire_mutant {

/// What the clean run showed of the runner.
struct Known {
  std::string tracker = {};                ///< its tracker's table; empty: not recognised
  std::set<std::string> lock_tables = {};  ///< bare names of tables with a row that says `locked`
  /// Bare names of the tables of the migrations, whose row locks are the files' own.
  std::set<std::string> tables_of_files = {};
};

/// Another number for every session.
int salt_of(core::SessionId session);

/// The ruling for a step; nullopt where the mutant leaves it alone. `salt` is another number for
/// every connection.
std::optional<core::Ruling> change(Kind kind, const core::Step& step, const Known& known, int salt);

/// Why the mutant cannot be put on this step; empty if it can.
std::string obstacle(Kind kind, const core::Step& step);

/// `sql` in which every SELECT reads an empty table in the place of `tracker`.
std::optional<std::string> with_tracker_hidden(std::string_view sql, std::string_view tracker);

}  // namespace gauntlet::wire_mutant
