// What a migration left behind that it must not. A value.
#pragma once

#include <string>

namespace gauntlet::runner {

struct Harm {
  std::string code;  ///< `broken-schema`, `dangling-rows`
  std::string what;  ///< `left views or triggers that no longer compile`
  std::string list;  ///< a line each, for `where:`
  std::string fix;
};

}  // namespace gauntlet::runner
