// The bodies of a server's messages, read; and those that must change once a statement was
// rewritten. Pure.
#pragma once

#include "harness/sql/edit.h"
#include "harness/wire/reply.h"

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::wire {

/// The body of an ErrorResponse or a NoticeResponse; what is missing stays empty.
ServerMessage read_server_message(std::string_view body);

/// The columns' names of a RowDescription, the first `values_max`.
std::vector<std::string> read_columns(std::string_view body);

/// The values of a DataRow, the first `values_max`, as text.
std::vector<Value> read_row(std::string_view body);

/// The ErrorResponse frame of this body, its position being that in the client's own text.
std::string error_for_original(std::string_view body, std::string_view original,
                               const sql::EditedSql& sent);

/// The RowDescription frame of this body, its columns called as the client's own text calls them.
std::string columns_for_original(std::string_view body, const sql::EditedSql& sent);

}  // namespace gauntlet::wire
