// A schema that a folder of migrations builds on is often kept elsewhere in the repository: a dump,
// a script of the database's image, a second folder of the tool. Reads files on the caller's
// thread.
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace gauntlet::verify {

struct BaseFile {
  std::string file = {};     ///< as a path to write on a command line; empty if there is none
  bool is_a_result = false;  ///< it also creates what files of the folder create: a dump made later
};

/// The SQL file outside `migrations` that creates `object` (a bare name in lower case).
/// `made_by_folder`: what the files of the folder create. Of several, one that creates nothing of
/// that comes first, then one that is named as a dump or a base, then the one that is nearest.
/// Looks into the repository of the folder (the nearest folder above it with `.git`), or without
/// one into the folder's parent; at most 20,000 entries.
BaseFile base_file_near(const std::filesystem::path& migrations, const std::string& object,
                        const std::set<std::string>& made_by_folder);

}  // namespace gauntlet::verify
