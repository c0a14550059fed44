#include "harness/arena/keeper_program.h"

#include "runner/values/error.h"

#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

#include <unistd.h>

namespace gauntlet::arena {

std::filesystem::path keeper_program() {
  namespace fs = std::filesystem;
  std::vector<fs::path> candidates;
  if (const char* given = std::getenv("GAUNTLET_KEEPER"); given != nullptr && *given != '\0') {
    candidates = {given};
  } else {
    std::error_code error;
    const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
    candidates = {here / "gauntlet-keeper", here.parent_path() / "libexec/gauntlet/gauntlet-keeper",
                  GAUNTLET_KEEPER_BUILT};
  }
  std::string tried;
  for (const fs::path& candidate : candidates) {
    if (::access(candidate.c_str(), X_OK) == 0) return fs::absolute(candidate);
    tried += (tried.empty() ? "" : ", ") + candidate.string();
  }
  throw runner::Error("no-keeper", "the program that watches over a throwaway server is missing",
                      "not found: " + tried,
                      "install gauntlet-keeper beside gauntlet, or name it with GAUNTLET_KEEPER");
}

}  // namespace gauntlet::arena
