// The folder read in its tool's layout: which one it is, what gauntlet-migrate needs to stand in
// for the tool, and one finding where nobody knows the files. Reads files.
#pragma once

#include "harness/formats/format.h"
#include "harness/verify/check.h"

#include <optional>

namespace gauntlet::verify {

/// The layout that `options` names, or the one that its files show, and what it makes of them. With
/// --runner nothing is refused in the name of the layout's own tool.
struct Layout {
  formats::Format format;
  formats::Reading reading;
};

/// Throws: Error `no-such-folder`, `unreadable-file`.
Layout read_layout(const Options& options);

/// What the checks but lint try where files share a version, or the layout's tool refuses the
/// folder for nothing but pairs of files (a down without its up): all files, numbered anew in their
/// order. On a throwaway database alone, where no tracker has their numbers; nullopt elsewhere and
/// with
/// --runner. Throws: as read_layout().
std::optional<Layout> layout_to_try(const Options& options, const Layout& layout);

/// Must the files be written anew for gauntlet-migrate, which stands in for their tool?
bool needs_translation(const Options& options, const runner::Listing& listing);

/// `gauntlet-migrate stands in for goose: …`
std::string stand_in_note(const Options& options);

}  // namespace gauntlet::verify
