// SQL that was written for another kind of database, told by words and signs that PostgreSQL has
// not. Pure.
#pragma once

#include <string>
#include <string_view>

namespace gauntlet::formats {

/// What only another database reads, and which: ``"MySQL (`AUTO_INCREMENT`)"``; empty if nothing is
/// found outside strings and comments.
std::string other_database_of(std::string_view sql);

}  // namespace gauntlet::formats
