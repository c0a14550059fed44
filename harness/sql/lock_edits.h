// SQL text with its locks made no-ops, which shows whether they mattered. Strings and comments are
// left alone; so are functions and DO blocks, whose bodies are strings. Pure. Source: PostgreSQL
// manual, "Explicit Locking" and "Advisory Lock Functions".
#pragma once

#include "harness/sql/edit.h"

#include <optional>
#include <string_view>

namespace gauntlet::sql {

/// Every exclusive advisory lock becomes a shared one, and with it its release: same arguments,
/// same result, and nobody waits. nullopt where there is none. The columns keep their names.
std::optional<EditedSql> with_shared_advisory_locks(std::string_view sql);

/// Every release of an advisory lock takes it once more in its place, in the mode in which it is
/// held, which its own session is always given: same arguments, same result (true), and the lock
/// stays. nullopt where there is none. The columns keep their names.
std::optional<EditedSql> with_kept_advisory_locks(std::string_view sql);

/// Every advisory lock, and its release, gets another key: `salt` is mixed into its last argument.
/// nullopt where there is none.
std::optional<EditedSql> with_other_advisory_keys(std::string_view sql, int salt);

/// Every LOCK TABLE takes ACCESS SHARE, which conflicts with DROP and its like only.
std::optional<EditedSql> with_weak_table_locks(std::string_view sql);

/// FOR UPDATE, FOR NO KEY UPDATE, FOR SHARE and FOR KEY SHARE are gone, with OF, NOWAIT and SKIP
/// LOCKED. Policies, which say FOR UPDATE too, stay.
std::optional<EditedSql> without_row_locks(std::string_view sql);

}  // namespace gauntlet::sql
