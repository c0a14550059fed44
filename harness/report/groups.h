// Findings of one cause, told once. Pure.
#pragma once

#include "harness/core/verdict.h"

#include <string>
#include <vector>

namespace gauntlet::report {

/// Findings with one id, severity and message, but for the names and numbers in the message.
/// They point into the findings that were grouped, in their order.
struct Group {
  std::vector<const core::Finding*> findings = {};  ///< at least one

  const core::Finding& first() const { return *findings.front(); }
  bool is_violation() const { return first().severity == core::Severity::violation; }
};

/// In the order in which each cause was found first.
std::vector<Group> groups_of(const std::vector<core::Finding>& findings);

/// `file:line:column, migration N`, of what is known.
std::string place_of(const core::Where& where);

/// The place of the first, and how many more: `a.sql:3 and 7 more: b.sql:1, c.sql:9 …`
std::string places_of(const Group& group);

}  // namespace gauntlet::report
