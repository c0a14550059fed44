// The relations of one database as a rehearsal knows them: which existed before a file ran, under
// which name and in which file on disk. Kept file by file, so that its cost grows with the number
// of files. Queries through the caller's session, on the caller's thread.
#pragma once

#include "harness/core/report.h"
#include "harness/verify/lock_watch.h"
#include "runner/values/session.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gauntlet::verify {

struct Relation {
  std::string name;        ///< schema-qualified
  std::uint32_t node = 0;  ///< its file on disk (relfilenode); 0 where it has none
};

class Relations {
 public:
  /// Reads all tables, views, sequences and materialized views once. Throws: SqlError.
  explicit Relations(runner::Session& session);

  /// The statement that tells the locks of its own session; to be run before the COMMIT.
  static std::string_view locks_query();

  /// What a transactional file locked, by the rows of locks_query(); remembers what it created.
  /// `began` and `ended` bound the file's time; `seen` refines how long each lock was held.
  std::vector<core::RelationLock> after_transaction(const runner::Result& locks,
                                                    const SeenLocks& seen, Clock::time_point began,
                                                    Clock::time_point ended);

  /// The same for a file that ran outside a transaction of ours: only what was seen is known.
  std::vector<core::RelationLock> after_sampling(runner::Session& session, const SeenLocks& seen);

 private:
  void remember(std::uint32_t oid, Relation relation);

  std::map<std::uint32_t, Relation> known_;
  std::uint32_t newest_ = 0;  ///< greatest oid or relfilenode: all later ones are greater
};

}  // namespace gauntlet::verify
