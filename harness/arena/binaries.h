// Where PostgreSQL's programs lie on this machine. Reads the file system only; any thread may call.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::arena {

/// Where programs are looked for, in this order.
struct BinarySearch {
  std::filesystem::path given = {};                  ///< a folder, or one that has it as `bin`
  std::vector<std::filesystem::path> versions = {};  ///< folders of version folders, `15/bin`
  std::string path = {};                             ///< as in PATH
};

/// Where `make peers` puts servers of other versions, `17/bin`: GAUNTLET_PEERS, or the cache.
std::filesystem::path peers_folder();

/// The folder of the server of this major version; nullopt if none is installed.
std::optional<std::filesystem::path> find_server_of_major(int major);

/// This machine's: Debian's version folders and PATH.
BinarySearch search_here(const std::filesystem::path& given);

/// Folders that hold all of `programs`, best first. With `given` only that one counts.
std::vector<std::filesystem::path> folders_with(const std::vector<std::string>& programs,
                                                const BinarySearch& search);

/// Throws: Error `no-server-binaries`.
std::filesystem::path find_server_binaries_in(const BinarySearch& search);

}  // namespace gauntlet::arena
