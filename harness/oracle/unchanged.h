// Whether a run left the database as it was. Pure, so safe on any thread.
#pragma once

#include "harness/oracle/oracle.h"

#include <string_view>

namespace gauntlet::oracle {

/// How a change is told.
struct ChangeWords {
  std::string_view id;        ///< of the finding
  std::string_view who;       ///< `a second run`
  std::string_view why = {};  ///< joins the first line; may be empty
  std::string_view fix;
};

/// Compares catalogue, data and sequences before and after, a finding for each that differs;
/// unknown for what was not read.
core::Judgement unchanged(const Observation& observation, const ChangeWords& words);

}  // namespace gauntlet::oracle
