// Migrations that were compiled into the program (runner/embed.cmake): the same listing, by the
// same rules, as the folder they came from. Pure; any thread may call.
#pragma once

#include "runner/source/source.h"

#include <span>
#include <string_view>

namespace gauntlet::runner {

/// One file of a folder, as it stood when the program was built. Views of static storage.
struct EmbeddedFile {
  std::string_view name;  ///< without its folder
  std::string_view bytes;
};

/// What read_folder would have found. Throws: nothing of its own.
Listing read_embedded(std::span<const EmbeddedFile> files);

}  // namespace gauntlet::runner
