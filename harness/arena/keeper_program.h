// Where gauntlet-keeper lies. Reads the file system only; any thread may call.
#pragma once

#include <filesystem>

namespace gauntlet::arena {

/// $GAUNTLET_KEEPER, beside the running program, in ../libexec/gauntlet/, or where it was built.
/// Throws: Error `no-keeper`.
std::filesystem::path keeper_program();

}  // namespace gauntlet::arena
