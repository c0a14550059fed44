// Where a file lies in its repository, as CI servers name it. Reads the file system and the
// environment; any thread may call.
#pragma once

#include <filesystem>
#include <string>

namespace gauntlet::cli {

/// `file` below the nearest folder above it that holds `.git`, or else below $GITHUB_WORKSPACE,
/// $CI_PROJECT_DIR or the current folder; with `/`. `file` itself where it lies below none.
std::string path_in_repository(const std::filesystem::path& file);

}  // namespace gauntlet::cli
