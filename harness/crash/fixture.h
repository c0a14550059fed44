// The migrations of a sweep where none are given: five small ones that cannot run twice. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gauntlet::crash {

/// File name (NNN_name.up.sql or .down.sql) and text. Two of them only change data, where no error
/// of the server shows that they ran twice. The last one cannot run in a transaction if
/// `with_concurrent_index`; otherwise it makes the same index in the ordinary way.
std::vector<std::pair<std::string, std::string>> fixture(bool with_concurrent_index);

/// Four: a table, and three that only add rows to it, which nothing but the runner keeps from
/// being added twice. Also the first one may run again: only a tracker's key refuses that.
std::vector<std::pair<std::string, std::string>> data_fixture();

}  // namespace gauntlet::crash
