#include "harness/fault/harm.h"

#include <algorithm>
#include <cctype>

namespace gauntlet::fault {

namespace {

bool is_sqlstate(std::string_view text) {
  constexpr std::size_t length = 5;
  return text.size() == length && std::ranges::all_of(text, [](unsigned char c) {
           return std::isdigit(c) != 0 || (c >= 'A' && c <= 'Z');
         });
}

}  // namespace

const std::vector<Harm>& harms() {
  static const std::vector<Harm> all = {
      cut_before(),         cut_after(),   lost_reply(),         killed(),  terminated(),
      terminated_running(), paused(),      stopped_gracefully(), refused(), delayed(),
      unlock_false(),       server_fast(), server_immediate()};
  return all;
}

std::optional<Harm> find_harm(std::string_view id) {
  constexpr std::string_view refused_with = "refused=";
  if (id.starts_with(refused_with)) {
    Harm harm = refused();
    harm.id = id;
    harm.sqlstate = id.substr(refused_with.size());
    harm.words = "the client is told an error of this SQLSTATE, and nothing is sent";
    return is_sqlstate(harm.sqlstate) ? std::optional(harm) : std::nullopt;
  }
  const auto found = std::ranges::find(harms(), id, &Harm::id);
  return found == harms().end() ? std::nullopt : std::optional(*found);
}

}  // namespace gauntlet::fault
