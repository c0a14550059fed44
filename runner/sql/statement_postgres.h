// SQL text as PostgreSQL reads it, seen through libpg_query: where its statements begin and what
// they need. Pure. libpg_query keeps thread-local state; any thread may call.
#pragma once

#include "runner/sql/statement.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// The longest text that is given to libpg_query: an INSERT costs it ten to fifty times its size.
constexpr std::size_t parse_bytes_max = 1U << 20U;

/// Never throws for any text. A text longer than `parse_bytes_max` costs no copy of itself.
Split split(std::string_view sql);

/// Never throws for any text. DROP SUBSCRIPTION is always said to need it: whether its slot was
/// taken away before, which is what decides, its own text does not tell.
StatementNeeds needs_of(std::string_view statement);

/// The parse tree of one statement as libpg_query's JSON text; nullopt if its grammar refuses it,
/// or the text is not UTF-8, is longer than `parse_bytes_max`, or nests too deep for a stack.
std::optional<std::string> parse_to_json(std::string_view statement);

}  // namespace gauntlet::runner
