// What is reported when a file outside a transaction stopped, and what then becomes of its mark.
// Part of apply; belongs to the session's thread.
#pragma once

#include "runner/apply/outside_run.h"

#include <cstddef>
#include <string>

namespace gauntlet::runner {

/// The server refused statement `index`, sent in `message`; the connection may be lost.
SqlError failure_at_statement(const OutsideRun& run, std::size_t index, const Message& message,
                              const SqlError& error);
/// The same of a file that was sent whole.
SqlError failure_of_whole_file(const OutsideRun& run, const SqlError& error);

/// Statement `index` was interrupted, or is one that is never sent (COPY FROM STDIN).
Error stopped_at_statement(const OutsideRun& run, std::size_t index, const Error& error, Left left);
Error stopped_whole_file(const OutsideRun& run, const Error& error);

/// Statement `index` succeeded, and `found` is INVALID.
Error left_invalid(const OutsideRun& run, std::size_t index, const ObjectFound& found);

/// What forbids to record a file that ran to its end: an open transaction, an INVALID index, harm.
/// Throws: Error.
void refuse_to_record(const OutsideRun& run);

/// `gauntlet-migrate resume V --from end` records it.
std::string remedy_at_end(const OutsideRun& run);

}  // namespace gauntlet::runner
