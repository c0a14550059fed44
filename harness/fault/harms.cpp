#include "harness/fault/harm.h"

#include <algorithm>

namespace gauntlet::fault {

const std::vector<Harm>& harms() {
  static const std::vector<Harm> all = {cut_before(), cut_after(),  lost_reply(),
                                        killed(),     terminated(), paused(),
                                        refused(),    delayed(),    unlock_false()};
  return all;
}

const Harm* find_harm(std::string_view id) {
  const auto found = std::ranges::find(harms(), id, &Harm::id);
  return found == harms().end() ? nullptr : &*found;
}

}  // namespace gauntlet::fault
