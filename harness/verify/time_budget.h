// --time-budget: which checks still fit. The checks run in the order of their value; what a check
// took says what the next will take. One thread.
#pragma once

#include "harness/verify/check.h"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::verify {

class TimeBudget {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  explicit TimeBudget(const Options& options, Clock now = std::chrono::steady_clock::now)
      : budget_(options.time_budget), now_(std::move(now)), began_(now_()) {}

  /// `out of time: …`; empty if the check may run.
  std::string why_left_out(std::string_view check) const;
  void note(std::string_view check, std::chrono::duration<double> took);

 private:
  /// Nothing where no check that it is estimated by has run.
  std::chrono::duration<double> needed_by(std::string_view check) const;

  std::optional<std::chrono::milliseconds> budget_;
  Clock now_;
  std::chrono::steady_clock::time_point began_;
  std::map<std::string, std::chrono::duration<double>, std::less<>> took_ = {};  ///< by check
};

}  // namespace gauntlet::verify
