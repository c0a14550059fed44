// A lock of a program's own that is no advisory one: a table that it locks, rows of it, or a row
// that says `locked`. Known after the program ran alone once, by what it sent; held by somebody
// else with the program's own statements. A held one belongs to one thread.
#pragma once

#include "harness/arena/connection.h"
#include "harness/core/history.h"
#include "harness/oracle/file_statements.h"

#include <optional>
#include <string>
#include <vector>

namespace gauntlet::run {

struct OwnLock {
  enum class Form {
    until_commit,  ///< LOCK TABLE, FOR UPDATE: ends with the transaction
    row,           ///< committed, and taken back by another statement
  };
  Form form = Form::until_commit;
  std::string table = {};
  std::vector<core::Step> setup = {};  ///< makes the table, and what stands in it
  core::Step take = {};
  core::Step give_back = {};  ///< of a row
};

/// The first lock of this kind in a run of one copy alone, what the files themselves lock aside;
/// nullopt where there is none.
std::optional<OwnLock> own_lock_of(const core::History& history,
                                   const std::vector<oracle::MigrationFile>& files);

class HeldOwnLock {
 public:
  /// Makes what the lock needs where it is not there, and takes it. Throws: StatementError.
  HeldOwnLock(const arena::Address& database, const OwnLock& lock);
  void release();  ///< Throws: StatementError.

 private:
  const OwnLock& lock_;
  arena::Connection connection_;
};

}  // namespace gauntlet::run
