// The folder read in its tool's layout: which one it is, what gauntlet-migrate needs to stand in
// for the tool, and one finding where nobody knows the files. Reads files.
#pragma once

#include "harness/formats/format.h"
#include "harness/verify/check.h"

namespace gauntlet::verify {

/// The layout that `options` names, or the one that its files show, and what it makes of them. With
/// --runner nothing is refused in the name of the layout's own tool.
struct Layout {
  formats::Format format;
  formats::Reading reading;
};

/// Throws: Error `no-such-folder`, `unreadable-file`.
Layout read_layout(const Options& options);

/// Must the files be written anew for gauntlet-migrate, which stands in for their tool?
bool needs_translation(const Options& options, const runner::Listing& listing);

/// `gauntlet-migrate stands in for goose: …`
std::string stand_in_note(const Options& options);

}  // namespace gauntlet::verify
