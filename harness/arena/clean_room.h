// What of the caller's environment may decide how a server is reached and how its sessions behave.
//
// On a throwaway server nothing may: a verdict must not depend on a PGOPTIONS, a locale or a
// password file of the machine that it was reached on. On a given server the variables that say
// where it is and who we are there pass, and no others. Changes this process's environment, which
// every child inherits: call it on the main thread before any other thread runs.
#pragma once

#include <string>
#include <vector>

namespace gauntlet::arena {

struct CallerEnvironment {
  std::vector<std::string> passed;    ///< names that were set and stay: a given server's address
  std::vector<std::string> withheld;  ///< names that were set and were removed or replaced

  /// A line each for what passed and for what was withheld, with the remedy; empty for neither.
  std::string text() const;
};

/// `database` as --database says: `ephemeral`, `sqlite:PATH`, a URL, or empty.
CallerEnvironment clean_environment(const std::string& database);

}  // namespace gauntlet::arena
