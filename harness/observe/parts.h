// The parts of a snapshot, each read through a session that its caller opened.
// As a reader, each belongs to one thread at a time. All throw ReadError.
#pragma once

#include "harness/core/snapshot.h"
#include "harness/observe/observe.h"
#include "harness/observe/reader.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::observe {

/// The three expect use_fixed_formats().
core::Catalogue read_catalogue(Reader& reader);
core::Sequences read_sequences(Reader& reader);
/// Throws also: Error `too-much-data` beyond `data_bytes_max` of tables.
core::Data read_data(Reader& reader, const Wanted& wanted);

/// See observe.h. These come before use_fixed_formats(), which empties the search path.
std::optional<core::Applied> read_applied(Reader& reader, const std::string& query,
                                          std::string& missing, std::string_view tool);
std::optional<std::vector<std::int64_t>> read_journal(Reader& reader);
core::Leftovers read_leftovers(Reader& reader, std::chrono::milliseconds patience);

}  // namespace gauntlet::observe
