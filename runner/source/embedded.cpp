#include "runner/source/embedded.h"

#include <string>
#include <utility>
#include <vector>

namespace gauntlet::runner {

Listing read_embedded(std::span<const EmbeddedFile> files) {
  std::vector<Script> scripts;
  for (const EmbeddedFile& file : files)
    scripts.push_back({.file = file.name, .bytes = std::string(file.bytes), .checksum = {}});
  return list_scripts(std::move(scripts));
}

}  // namespace gauntlet::runner
