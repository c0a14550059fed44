#include "harness/mutant/families.h"
#include "harness/mutant/mutant.h"

#include <algorithm>

namespace gauntlet::mutant {

std::vector<Mutant> joined(std::initializer_list<std::vector<Mutant>> families) {
  std::vector<Mutant> all;
  for (const auto& family : families) all.insert(all.end(), family.begin(), family.end());
  return all;
}

const std::vector<Mutant>& mutants() {
  static const std::vector<Mutant> all =
      joined({lock_mutants(), turn_mutants(), session_mutants(), recording_mutants(),
              planning_mutants(), predecessor_mutants(), sqlite_mutants()});
  return all;
}

const Mutant* find_mutant(std::string_view name) {
  const auto found = std::ranges::find(mutants(), name, &Mutant::name);
  return found == mutants().end() ? nullptr : &*found;
}

}  // namespace gauntlet::mutant
