// Another replica has the turn. Any thread may use it.
#pragma once

#include "runner/values/error.h"

#include <string>

namespace gauntlet::runner {

/// In a lock mode whose turns are a transaction's: another replica has the turn, or had it and did
/// the work. Nothing of ours ran.
class NotOurTurn : public Error {
 public:
  enum class Why { busy, done };
  NotOurTurn(Why why, const std::string& what) : Error("not-our-turn", what), why_(why) {}
  Why why() const noexcept { return why_; }

 private:
  Why why_;
};

}  // namespace gauntlet::runner
