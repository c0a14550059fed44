#include "harness/verify/time_budget.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

/// A check takes so many times as long as another one: boot applies the files four times, a race as
/// often again with sixteen programs at once, and rollback each file three times with the schema
/// read between. Measured over sets of 10 to 400 files.
struct Estimate {
  std::string_view check, other;
  double times;
};
constexpr std::array<Estimate, 5> estimates = {{{"boot", "dry-run", 3},
                                                {"replicas", "boot", 2},
                                                {"replicas", "dry-run", 6},
                                                {"rollback", "boot", 3},
                                                {"rollback", "dry-run", 9}}};

}  // namespace

std::string TimeBudget::why_left_out(std::string_view check) const {
  if (!budget_) return {};
  using Seconds = std::chrono::duration<double>;
  const Seconds left = *budget_ - (now_() - began_);
  const Seconds needed = needed_by(check);
  if (left > Seconds(0) && needed <= left) return {};
  const Seconds budget = *budget_;
  if (left <= Seconds(0))
    return fmt::format("out of time: the {:.0f} s of --time-budget were over before it began",
                       budget.count());
  return fmt::format(
      "out of time: it takes about {:.0f} s, and {:.0f} s of --time-budget were left",
      needed.count(), left.count());
}

std::chrono::duration<double> TimeBudget::needed_by(std::string_view check) const {
  for (const Estimate& estimate : estimates) {
    const auto took = took_.find(estimate.other);
    if (estimate.check == check && took != took_.end()) return estimate.times * took->second;
  }
  return std::chrono::duration<double>(0);
}

void TimeBudget::note(std::string_view check, std::chrono::duration<double> took) {
  took_.insert_or_assign(std::string(check), took);
}

}  // namespace gauntlet::verify
