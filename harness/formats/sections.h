// Files that hold both directions, one after the other: which lines begin which. Pure.
#pragma once

#include "harness/formats/format.h"

#include <functional>
#include <string_view>
#include <vector>

namespace gauntlet::formats {

/// What a line begins.
struct Section {
  enum class Kind { none, up, down };
  Kind kind = Kind::none;
  bool no_transaction = false;
};

/// Steps out of `NNN_name.sql`, the folder's own files. `begun_by` reads a line without its blanks
/// and without a byte-order mark. A file without a section is unrecognized, unless
/// `all_is_up`: then its whole text is the up part.
struct SectionRules {
  bool all_is_up = false;
  std::string_view separators = "_-";
};
Reading read_sections(const Format& format, const std::vector<File>& files,
                      const std::function<Section(std::string_view line)>& begun_by,
                      const SectionRules& rules = {});

}  // namespace gauntlet::formats
