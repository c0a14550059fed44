// Follows a saved schedule to the letter, and says where a run leaves it. After an overlap the
// order is the server's: from there on a step that is not there any more is passed over. One
// thread.
#pragma once

#include "harness/explore/schedule.h"
#include "harness/explore/strategy.h"

#include <optional>
#include <string>
#include <vector>

namespace gauntlet::explore {

class Replay : public Strategy {
 public:
  /// Must the statements be the same, or only the order of sessions and kinds of steps? The latter
  /// survives a runner that says the same in other words.
  enum class Labels { checked, ignored };

  /// Each run follows `steps`, `times` runs in all.
  Replay(std::vector<Schedule::Step> steps, std::size_t times, Labels labels = Labels::checked)
      : steps_(std::move(steps)), left_(times), labels_(labels) {}

  bool begin() override;
  std::size_t choose(const Point& point) override;
  void end(const Moments& moments) override;
  bool may_overlap() const override;
  /// `diverged at step 7: expected ..., saw ...`
  std::string divergence() const override { return divergence_; }

 private:
  std::size_t choose_past_overlap(const Point& point);
  std::optional<std::size_t> found(const Point& point, const Choice& choice) const;
  void diverge(const std::string& expected, const std::string& saw);

  const std::vector<Schedule::Step> steps_;
  std::size_t left_;
  const Labels labels_;
  std::size_t at_ = 0;
  bool is_past_overlap_ = false;
  std::vector<bool> is_done_ = {};  ///< steps that were found after an overlap
  std::string divergence_ = {};
};

}  // namespace gauntlet::explore
