// Whether a run left the database as it was. Pure, so safe on any thread.
#pragma once

#include "harness/oracle/oracle.h"

#include <set>
#include <string>
#include <string_view>

namespace gauntlet::oracle {

/// How a change is told.
struct ChangeWords {
  std::string_view id;        ///< of the finding
  std::string_view who;       ///< `a second run`
  std::string_view why = {};  ///< joins the first line; may be empty
  std::string_view fix;
};

/// `runs` of `public."Runs"`: as Observation::own_tables names it.
std::string own_name_of(const std::string& table);

/// Without the rows of these tables (Observation::own_tables) and their sequences.
core::Snapshot without_own_tables(core::Snapshot snapshot, const std::set<std::string>& tables);

/// Compares catalogue, data and sequences before and after, a finding for each that differs;
/// unknown for what was not read.
core::Judgement unchanged(const Observation& observation, const ChangeWords& words);

}  // namespace gauntlet::oracle
