// Flaws put into any runner from outside: what it sends is changed on its way to the server, or
// what it reads on the way back. Values and their names. Pure.
#pragma once

#include <string_view>
#include <vector>

namespace gauntlet::wire_mutant {

enum class Kind {
  lock_is_noop,
  key_per_connection,
  unlock_is_noop,
  begin_commit_dropped,
  tracker_row_hidden,
  tracker_constraint_dropped,
};

struct WireMutant {
  Kind kind = Kind::lock_is_noop;
  std::string_view name, flaw;  ///< `lock-is-noop`, and what the runner does then
  /// Ids of the catalogue that are about this flaw, and can be asked of any program.
  std::vector<std::string_view> scenarios = {};
};

const std::vector<WireMutant>& wire_mutants();

}  // namespace gauntlet::wire_mutant
