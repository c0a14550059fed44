// Which statement of which migration file each step of a history sent, and what became of it: was
// its transaction committed? Pure, so safe on any thread.
//
// sql::origins_of() says which file a statement comes from. A statement that stands at two places
// of the files is ambiguous: it proves nothing about its file. Statements that any runner sends of
// its own accord (BEGIN, COMMIT, SET …) belong to no file here.
#pragma once

#include "harness/core/history.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gauntlet::oracle {

/// A migration as it lies on disk.
struct MigrationFile {
  std::int64_t version = 0;
  std::string name = {};  ///< `003_orders.up.sql`
  std::string sql = {};
};

enum class Fate {
  committed,    ///< the server said so
  rolled_back,  ///< its transaction ended without a commit
  refused,      ///< the server refused the statement itself
  in_doubt,     ///< the reply was lost
  open,         ///< its transaction was still open when the history ended
};

struct FileStatement {
  std::size_t step = 0;  ///< a position in the history's steps
  core::SessionId session = {};
  std::size_t file = 0;       ///< a position in the files
  std::size_t statement = 0;  ///< of the file, from 0
  bool is_ambiguous = false;  ///< an equal statement stands elsewhere in the files
  Fate fate = Fate::open;
};

class FileStatements {
 public:
  FileStatements(const core::History& history, const std::vector<MigrationFile>& files);

  /// In the order in which they came to the gate.
  const std::vector<FileStatement>& all() const { return all_; }
  /// How many statements of `file` stand nowhere else.
  std::size_t size_of(std::size_t file) const { return sizes_.at(file); }

  /// Some replica committed `file`.
  bool is_committed(std::size_t file) const { return !replicas_that_committed(file).empty(); }
  /// The replicas that each committed every statement of `file` that stands nowhere else, in
  /// ascending order. None for a file without such a statement.
  std::vector<std::size_t> replicas_that_committed(std::size_t file) const;

 private:
  std::vector<FileStatement> all_;
  std::vector<std::size_t> sizes_;
};

}  // namespace gauntlet::oracle
