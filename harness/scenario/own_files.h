// A user's own migrations in the place of a scenario's fixture. Pure.
#pragma once

#include "harness/scenario/scenario.h"

#include <string>
#include <vector>

namespace gauntlet::scenario {

/// The files of one migration: its up, and its down where it has one.
using Migration = std::vector<File>;

struct Replaced {
  Scenario scenario = {};
  std::string objection = {};  ///< why it cannot be; empty where it could
};

/// `scenario` over `migrations`, in their order: all of them in its only stage with files, or the
/// first one in the first of two such stages and the rest in the second. What asks the fixture's
/// journal is not asked; `data-equals-serial` is.
Replaced with_files(const Scenario& scenario, const std::vector<Migration>& migrations);

}  // namespace gauntlet::scenario
