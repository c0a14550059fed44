// What a statement did, by its text and the server's command tag. Pure.
#pragma once

#include <string_view>

namespace gauntlet::sql {

/// Can a statement with this tag have changed something? Cheap: the text is not looked at.
bool may_write(std::string_view tag);

/// Did it? A statement that touches no row, and `CREATE … IF NOT EXISTS`, changed nothing for all
/// that is known.
bool wrote(std::string_view tag, std::string_view statement);

/// Does the text wait in the server for a lock that others hold: an advisory one, or a table's?
bool waits_for_lock(std::string_view sql);

}  // namespace gauntlet::sql
