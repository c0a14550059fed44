// What the oracles of a stage are asked about: what has to be looked at for them, and which of them
// have nothing to judge. Pure, so safe on any thread.
#pragma once

#include "harness/core/history.h"
#include "harness/observe/observe.h"
#include "harness/scenario/scenario.h"

#include <initializer_list>
#include <string_view>

namespace gauntlet::run {

/// Does the stage ask one of these oracles, or more?
bool asks_any(const scenario::Stage& stage, std::initializer_list<std::string_view> oracles);

/// What the stage's oracles compare with; the rest need not be read, and one that looked at it all
/// the same would not know.
observe::Wanted wanted_before(const scenario::Stage& stage);
observe::Wanted wanted_after(const scenario::Stage& stage);

/// Where no advisory lock was seen, an oracle about locks has nothing to judge: a program may lock
/// in another way, or not at all, and is judged by what becomes of the database.
class UnseenLocks {
 public:
  explicit UnseenLocks(const core::History& history);
  bool leave_nothing_to(std::string_view oracle) const;

 private:
  bool any_ = false, lasting_ = false;
};

}  // namespace gauntlet::run
