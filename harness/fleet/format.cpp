#include "harness/fleet/format.h"

#include <algorithm>

namespace gauntlet::fleet {

const std::vector<Format>& formats() {
  static const std::vector<Format> all = {
      {.name = "gauntlet", .marker = true, .runner_mode = "directive"},
      // It sends each file as it stands, in one message and outside a transaction of its own.
      {.name = "golang-migrate",
       .own_transactions = true,
       .lone_statement = true,
       .runner_mode = "whole-file"},
  };
  return all;
}

const Format* find_format(std::string_view name) {
  const auto found = std::find_if(formats().begin(), formats().end(),
                                  [name](const Format& format) { return format.name == name; });
  return found == formats().end() ? nullptr : &*found;
}

}  // namespace gauntlet::fleet
