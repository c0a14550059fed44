#include "harness/explore/replay.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::explore {

namespace {

std::string told(const core::SessionId& session, const std::string& text) {
  return fmt::format("replica {}: {}", session.replica, text);
}

/// What stands where the step was expected: that session's own option, or else all of them.
std::string seen_instead(const Point& point, const core::SessionId& session) {
  std::string all;
  for (const Option& option : point.options) {
    if (option.session == session) return told(option.session, option.text);
    all += (all.empty() ? "" : "; ") + told(option.session, option.text);
  }
  return all;
}

}  // namespace

bool Replay::begin() {
  if (left_ == 0) return false;
  --left_;
  at_ = 0;
  is_past_overlap_ = false;
  is_done_.assign(steps_.size(), false);
  divergence_.clear();
  return true;
}

std::size_t Replay::choose(const Point& point) {
  if (!divergence_.empty()) return default_option(point);
  if (is_past_overlap_) return choose_past_overlap(point);
  if (at_ >= steps_.size()) {
    ++at_;
    diverge("the end of the run", seen_instead(point, {}));
    return default_option(point);
  }
  const Schedule::Step& step = steps_[at_++];
  if (const auto at = found(point, step.choice)) {
    is_past_overlap_ = step.choice.what == Option::What::overlap;
    return *at;
  }
  diverge(told(step.choice.session, step.text), seen_instead(point, step.choice.session));
  return default_option(point);
}

std::size_t Replay::choose_past_overlap(const Point& point) {
  for (std::size_t at = at_; at < steps_.size(); ++at) {
    if (is_done_[at]) continue;
    const auto option = found(point, steps_[at].choice);
    if (!option) continue;
    is_done_[at] = true;
    return *option;
  }
  return default_option(point);
}

std::optional<std::size_t> Replay::found(const Point& point, const Choice& choice) const {
  if (labels_ == Labels::checked) return find(point, choice);
  for (std::size_t at = 0; at < point.options.size(); ++at) {
    const Option& option = point.options[at];
    if (option.session == choice.session && option.what == choice.what &&
        choice_of(option).beside == choice.beside)
      return at;
  }
  return std::nullopt;
}

bool Replay::may_overlap() const {
  return std::ranges::any_of(
      steps_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, steps_.size())), steps_.end(),
      [](const Schedule::Step& step) { return step.choice.beside.has_value(); });
}

void Replay::end(const Moments&) {
  if (!divergence_.empty() || is_past_overlap_ || at_ >= steps_.size()) return;
  const Schedule::Step& step = steps_[at_++];
  diverge(told(step.choice.session, step.text), "the end of the run");
}

void Replay::diverge(const std::string& expected, const std::string& saw) {
  divergence_ = fmt::format("diverged at step {}: expected {}, saw {}", at_, expected, saw);
}

}  // namespace gauntlet::explore
