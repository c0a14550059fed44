// Two maps of named texts become a diff that a person can read at once, however much differs.
// Pure, so safe on any thread.
#pragma once

#include "harness/core/snapshot.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::oracle {

/// Named things with a text each: a catalogue, sequences, a table's columns.
using Texts = std::map<std::string, std::string>;

/// One name whose text differs; empty where the side lacks it.
struct Change {
  std::string name = {};
  std::string expected = {}, found = {};
};

std::vector<Change> changes(const Texts& expected, const Texts& found);

/// Lines `name`, `  - expected`, `  + found`; of a long text only the lines that differ.
/// At most 12 changes, 6 lines a side and 160 bytes a line; what is left out is counted.
std::string diff(const std::vector<Change>& changes);

/// Rows and column hashes of every table, one text each: `public.orders rows`, `public.orders.id`.
Texts texts_of(const core::Data& data);

/// Without their line ends, which are `\n`.
std::vector<std::string_view> lines_of(std::string_view text);

/// `a, b and 3 more`: at most `names_max` of them.
std::string some_of(const std::vector<std::string>& names, std::size_t names_max = 5);

}  // namespace gauntlet::oracle
