// Whether an edit of an applied file changed nothing that the server would run. Pure. Any thread
// may call.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// What changed, in words (`only its line ends changed`), if the file that had the checksum
/// `recorded` can be made again from `bytes`: with other line ends, with or without a byte-order
/// mark or blank lines at its end, or without comments that were added since. nullopt if it cannot:
/// the tracker holds a checksum, not a text, so that a comment which was changed or removed is not
/// told apart from a statement.
std::optional<std::string> harmless_edit(std::string_view bytes, std::string_view recorded);

}  // namespace gauntlet::runner
