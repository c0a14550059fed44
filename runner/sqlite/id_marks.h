// The highest id that each AUTOINCREMENT table ever gave (SQLite manual, autoinc.html). A table
// that is rebuilt under a new name begins with the highest id that it still holds: ids of rows that
// were deleted would be given again, in silence. Belongs to the session's thread.
#pragma once

#include "runner/values/session.h"

#include <cstdint>
#include <map>
#include <string>

namespace gauntlet::runner {

/// By table, of the main database; empty where there is no such table.
using IdMarks = std::map<std::string, std::int64_t>;
IdMarks id_marks(Session& session);

/// A line for each AUTOINCREMENT table whose mark is lower than `before`, with the statements that
/// set it again; empty if there is none.
std::string lowered_since(Session& session, const IdMarks& before);

}  // namespace gauntlet::runner
