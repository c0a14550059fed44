// Several runs of one scenario, told as one, in whatever order they end. Values; no effects.
#pragma once

#include "harness/run/run.h"

namespace gauntlet::run {

class Repeats {
 public:
  /// `number` tells the runs apart; none comes twice.
  void add(std::size_t number, Run run);

  /// The first of the worst runs, with the time of all, and how many came to what where there were
  /// several.
  Run whole() const;

 private:
  Run worst_;
  std::map<std::string, std::size_t> counts_;
  std::size_t runs_ = 0, worst_number_ = 0;
  std::chrono::duration<double> seconds_{0};
};

}  // namespace gauntlet::run
