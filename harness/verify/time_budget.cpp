#include "harness/verify/time_budget.h"

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

/// How much longer a check takes than the one before it: boot applies the files four times, and a
/// race as often again, with sixteen programs at once. Measured over sets of 10 to 400 files.
double times_the_last(std::string_view check, std::string_view last) {
  if (check == "boot" && last == "dry-run") return 3;
  if (check == "replicas" && last == "boot") return 2;
  return 0;
}

}  // namespace

std::string TimeBudget::why_left_out(std::string_view check) const {
  if (!budget_) return {};
  using Seconds = std::chrono::duration<double>;
  const Seconds left = *budget_ - (now_() - began_);
  const Seconds needed = times_the_last(check, last_) * last_took_;
  if (left > Seconds(0) && needed <= left) return {};
  const Seconds budget = *budget_;
  if (left <= Seconds(0))
    return fmt::format("out of time: the {:.0f} s of --time-budget were over before it began",
                       budget.count());
  return fmt::format(
      "out of time: it takes about {:.0f} s, and {:.0f} s of --time-budget were left",
      needed.count(), left.count());
}

void TimeBudget::note(std::string_view check, std::chrono::duration<double> took) {
  last_ = check;
  last_took_ = took;
}

}  // namespace gauntlet::verify
