#include "harness/mutant/families.h"
#include "harness/mutant/mutant.h"

#include <algorithm>

namespace gauntlet::mutant {

const std::vector<Mutant>& mutants() {
  static const std::vector<Mutant> all = [] {
    std::vector<Mutant> joined;
    for (const auto& family : {lock_mutants(), recording_mutants(), planning_mutants()}) {
      joined.insert(joined.end(), family.begin(), family.end());
    }
    return joined;
  }();
  return all;
}

const Mutant* find_mutant(std::string_view name) {
  const auto found = std::ranges::find(mutants(), name, &Mutant::name);
  return found == mutants().end() ? nullptr : &*found;
}

}  // namespace gauntlet::mutant
