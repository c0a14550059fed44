#include "runner/values/lock_mode.h"

#include "runner/values/error.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

constexpr std::array<std::pair<std::string_view, LockMode>, 3> modes{
    {{"notify", LockMode::notify},
     {"transaction", LockMode::transaction},
     {"none", LockMode::none}}};

}  // namespace

LockMode parse_lock_mode(std::string_view word) {
  const auto* known = std::ranges::find(modes, word, &decltype(modes)::value_type::first);
  if (known != modes.end()) return known->second;
  throw Error("bad-lock-mode", fmt::format("\"{}\" is not a way to take turns", word), {},
              "say notify, transaction or none, in full");
}

std::string to_string(LockMode mode) {
  return std::string(std::ranges::find(modes, mode, &decltype(modes)::value_type::second)->first);
}

}  // namespace gauntlet::runner
