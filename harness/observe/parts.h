// The parts of a snapshot, each read through a session that its caller opened.
// As a reader, each belongs to one thread at a time. All throw ReadError.
#pragma once

#include "harness/core/snapshot.h"
#include "harness/observe/reader.h"

#include <cstdint>

namespace gauntlet::observe {

/// The three expect use_fixed_formats().
core::Catalogue read_catalogue(Reader& reader);
core::Sequences read_sequences(Reader& reader);
/// Throws also: Error `too-much-data` beyond `bytes_max` of tables.
core::Data read_data(Reader& reader, std::uint64_t bytes_max);

}  // namespace gauntlet::observe
