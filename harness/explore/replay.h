// Follows a saved schedule to the letter, and says where a run leaves it. One thread.
#pragma once

#include "harness/explore/schedule.h"
#include "harness/explore/strategy.h"

#include <string>
#include <vector>

namespace gauntlet::explore {

class Replay : public Strategy {
 public:
  /// Each run follows `steps`, `times` runs in all.
  Replay(std::vector<Schedule::Step> steps, std::size_t times)
      : steps_(std::move(steps)), left_(times) {}

  bool begin() override;
  std::size_t choose(const Point& point) override;
  void end(const Moments& moments) override;
  /// `diverged at step 7: expected ..., saw ...`
  std::string divergence() const override { return divergence_; }

 private:
  void diverge(const std::string& expected, const std::string& saw);

  const std::vector<Schedule::Step> steps_;
  std::size_t left_;
  std::size_t at_ = 0;
  std::string divergence_ = {};
};

}  // namespace gauntlet::explore
