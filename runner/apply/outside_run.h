// One run of one file outside a transaction: what its parts share, and its mark in the database.
//
// A statement that can run in a transaction shares one with the mark that says it ran, so that the
// mark is exact wherever the process dies. Of the others the catalogue tells, or only a person.
// Part of apply; belongs to the session's thread.
#pragma once

#include "runner/apply/applying.h"
#include "runner/apply/outside_rules.h"
#include "runner/apply/outside_words.h"

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace gauntlet::runner {

struct OutsideRun {
  OutsideRun(const Applying& what_applies, const Task& what_runs);

  const Applying& applying;
  Session& session;
  const SqlDialect& dialect;
  const OutsideRules& rules;
  const Task& task;
  OutsideFile file;
  Mark mark;                 ///< as it stands in the database, once it was written
  bool took_effect = false;  ///< something before the running statement did
  ObjectFound found_before;  ///< of the running statement's object
  std::set<InvalidIndex> invalid_before;
  std::unique_ptr<Guard> guard;

  /// `path/003_x.up.sql:2:15`: where statement `index` stands.
  std::string place_of(std::size_t index) const;
};

/// Looks at what stands before the file runs, then writes its mark with `write_mark`; where a turn
/// is a transaction, only if `recheck` holds. Throws: SqlError; NotOurTurn.
void begin_with_mark(OutsideRun& run, const std::string& recheck, const std::string& write_mark);

/// The statements that move the mark to statement `index`, for a transaction that is open: the mark
/// takes effect with it.
std::vector<OwnStatement> mark_statements(const OutsideRun& run, std::size_t index);

/// Moves the mark to statement `index` in a transaction of its own. Throws: SqlError; NotOurTurn.
void advance_mark(OutsideRun& run, std::size_t index);

/// After a failure that left nothing of the file. The file may have taken a role without rights.
void remove_mark(const OutsideRun& run);

/// After a failure that left nothing of the mark's statement: `resume` may send it again unseen.
void mark_as_refused(const OutsideRun& run);

}  // namespace gauntlet::runner
