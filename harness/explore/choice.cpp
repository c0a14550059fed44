#include "harness/explore/choice.h"

#include <algorithm>

namespace gauntlet::explore {

namespace {

using What = Option::What;

bool is_waiting(const Option& option) { return option.what == What::wait; }
bool is_overlap(const Option& option) { return option.what == What::overlap; }

/// Where the first option of the replicas after `last` is, in a circle; nullopt if none is
/// `wanted`.
template <typename Wanted>
std::optional<std::size_t> next_after(const Point& point, const Wanted& wanted) {
  std::optional<std::size_t> first;
  for (std::size_t at = 0; at < point.options.size(); ++at) {
    if (!wanted(point.options[at])) continue;
    if (!first) first = at;
    if (!point.last || point.options[at].session.replica > *point.last) return at;
  }
  return first;
}

}  // namespace

bool goes_on_alone(const Option& option) {
  return !is_waiting(option) && !is_overlap(option) && !is_fault(option.what);
}

std::size_t preemptions_of(const Point& point, std::size_t option) {
  const Option& chosen = point.options.at(option);
  if (chosen.what == What::victim) return 0;
  if (is_overlap(chosen)) return 0;
  const bool goes_on = point.last && chosen.session.replica == *point.last;
  if (!point.last || (goes_on && (!is_waiting(chosen) || chosen.expired > 0))) return 0;
  if (is_waiting(chosen)) return std::ranges::all_of(point.options, is_waiting) ? 0 : 1;
  const bool could_go_on = std::ranges::any_of(point.options, [&](const Option& each) {
    return each.session.replica == *point.last && goes_on_alone(each);
  });
  return could_go_on ? 1 : 0;
}

std::size_t default_option(const Point& point) {
  const auto goes_on = [&](const Option& each) {
    return point.last && each.session.replica == *point.last && goes_on_alone(each);
  };
  const auto found = std::ranges::find_if(point.options, goes_on);
  if (found != point.options.end()) return static_cast<std::size_t>(found - point.options.begin());
  if (const auto at = next_after(point, goes_on_alone)) return *at;
  return next_after(point, is_waiting).value_or(0);
}

Choice choice_of(const Option& option) {
  Choice choice{.session = option.session, .what = option.what, .fingerprint = option.fingerprint};
  if (option.beside) {
    choice.beside = option.beside->session;
    choice.beside_fingerprint = option.beside->fingerprint;
  }
  return choice;
}

std::optional<std::size_t> find(const Point& point, const Choice& choice) {
  for (std::size_t at = 0; at < point.options.size(); ++at)
    if (choice_of(point.options[at]) == choice) return at;
  return std::nullopt;
}

std::size_t preemptions_in(const Moments& moments) {
  std::size_t sum = 0;
  for (const Moment& moment : moments) sum += preemptions_of(moment.point, moment.chosen);
  return sum;
}

std::size_t overlaps_in(const Moments& moments) {
  return static_cast<std::size_t>(std::ranges::count_if(
      moments, [](const Moment& moment) { return is_overlap(moment.option()); }));
}

bool is_fault(What what) {
  return what == What::die_before || what == What::die_after || what == What::lose_reply;
}

std::optional<std::size_t> harmed_in(const Moments& moments) {
  const auto harmed = std::ranges::find_if(
      moments, [](const Moment& moment) { return is_fault(moment.option().what); });
  if (harmed == moments.end()) return std::nullopt;
  return harmed->option().session.replica;
}

std::string_view to_string(What what) {
  switch (what) {
    case What::step:
      return "step";
    case What::wait:
      return "wait";
    case What::close:
      return "close";
    case What::victim:
      return "victim";
    case What::overlap:
      return "overlap";
    case What::die_before:
      return "die-before";
    case What::die_after:
      return "die-after";
    case What::lose_reply:
      return "lose-reply";
  }
  return "";
}

}  // namespace gauntlet::explore
