// SQLite's result codes, by their own names, and what a person can do about them. Pure; any thread
// may call.
#pragma once

#include <string>

namespace gauntlet::runner {

/// `SQLITE_BUSY`, `SQLITE_CONSTRAINT_UNIQUE` (SQLite manual, Result and Error Codes).
std::string sqlite_code_name(int code);

/// The next step after an error of this code; empty where the statement itself is to blame.
std::string sqlite_advice(int code);

}  // namespace gauntlet::runner
