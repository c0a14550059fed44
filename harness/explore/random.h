// Schedules drawn at random, each option alike: finds what takes more preemptions than a search
// reaches. The same seed draws the same schedules. One thread.
#pragma once

#include "harness/explore/strategy.h"

#include <cstdint>
#include <random>

namespace gauntlet::explore {

class Random : public Strategy {
 public:
  explicit Random(std::uint64_t seed) : random_(seed) {}

  bool begin() override { return true; }
  std::size_t choose(const Point& point) override {
    return static_cast<std::size_t>(random_() % point.options.size());
  }
  void end(const Moments&) override {}
  bool may_overlap() const override { return true; }

 private:
  std::mt19937_64 random_;
};

}  // namespace gauntlet::explore
