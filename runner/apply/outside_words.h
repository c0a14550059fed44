// What is told of a migration that stopped outside a transaction: what it left, and the command
// that goes on. Pure; any thread may call.
#pragma once

#include "runner/sql/outside_statement.h"
#include "runner/sql/statement.h"
#include "runner/values/plan.h"
#include "runner/values/sql_dialect.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::runner {

/// A file's statements, and what each does outside a transaction.
class OutsideFile {
 public:
  OutsideFile(const SqlDialect& dialect, std::string_view sql);

  std::size_t size() const { return split_.statements.size(); }
  const Statement& text(std::size_t index) const { return split_.statements[index]; }
  const OutsideStatement& what(std::size_t index) const { return what_[index]; }

  /// Where the file's own transaction that holds statement `index` begins, if `index` is inside one
  /// and not its first; else `index`.
  std::size_t begin_of_transaction(std::size_t index) const { return begins_[index]; }
  /// COMMIT AND CHAIN ended the transaction before `index` and began another.
  bool is_chained(std::size_t index) const;
  /// The first statement from `index` on that is not a setting; size() if there is none.
  std::size_t first_to_do(std::size_t index) const;
  /// The settings before `index` that hold there: not those of a transaction that rolled back.
  std::vector<std::size_t> settings_before(std::size_t index) const;
  /// A temporary table made before `index` is gone with its session: the first such statement, or
  /// size().
  std::size_t temporary_before(std::size_t index) const;

 private:
  Split split_;
  std::vector<OutsideStatement> what_;
  std::vector<std::size_t> begins_;
};

/// What a statement left when it failed or its process died.
enum class Left {
  nothing,  ///< it may be sent again as if for the first time
  half,     ///< an object that `resume` repairs
  again,    ///< a part of its work, which may be done again
  unknown,  ///< perhaps a committed part: only a person can tell
};

/// What statement `index` may have left if nobody saw it end.
Left left_unseen(const OutsideStatement& statement);

/// The remedy for a file that stopped at `statement`, number `index` (from 1). `words` is what was
/// found of it, or empty.
std::string remedy_of_stop(Version version, int index, const OutsideStatement& statement, Left left,
                           const std::string& words);

/// The remedy beside it, for a file whose text is at fault.
std::string forget_remedy(Version version);

/// The remedy for a file that was sent whole and may have committed a part.
std::string remedy_of_whole_file(Version version);

}  // namespace gauntlet::runner
