// While somebody outside the fleet holds the lock no replica is done and none writes; and all were
// seen to ask meanwhile, or the silence would mean nothing.
#include "harness/oracle/effects.h"
#include "harness/oracle/judges.h"
#include "harness/sql/text.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::Event;

// Positions in the events: the first after the lock was taken, and that of its release.
struct Window {
  std::size_t from = 0, until = 0;
};

std::optional<Window> window_of(const core::History& history) {
  const auto noted = [&](std::string_view text) {
    return std::find_if(history.events.begin(), history.events.end(), [&](const Event& event) {
      return event.kind == Event::Kind::noted && event.text == text;
    });
  };
  const auto taken = noted(foreign_lock_taken);
  if (taken == history.events.end()) return std::nullopt;
  const auto released = noted(foreign_lock_released);
  return Window{.from = static_cast<std::size_t>(taken - history.events.begin()),
                .until = static_cast<std::size_t>(released - history.events.begin())};
}

core::Finding passed(std::string message) {
  return {.id = "passed-the-lock",
          .message = std::move(message) +
                     "; a replica that does not see another's lock migrates beside it, and the "
                     "slowest migration of a deploy is applied twice",
          .fix =
              "let every replica take one lock, under a key that all compute alike, before it "
              "writes, and wait while it is held"};
}

class Watch {
 public:
  Watch(const core::History& history, Window window, const std::vector<std::string>& bodies)
      : history_(history) {
    for (const std::string& body : bodies) bodies_.push_back(sql::without_blanks(body));
    const auto let_go = let_go_positions(history);
    for (std::size_t at = window.from; at < window.until; ++at) {
      const Event& event = history.events[at];
      if (event.kind == Event::Kind::asked) asked_.insert(event.replica);
      if (event.kind == Event::Kind::exited && event.exit_code == 0) done_.insert(event.replica);
      if (event.kind != Event::Kind::answered || !event.step ||
          *event.step >= history.steps.size()) {
        continue;
      }
      const auto began = let_go[*event.step];
      if (began && *began > window.from) look_for_write(history.steps[*event.step]);
    }
  }

  core::Judgement judged() const {
    std::vector<core::Finding> findings;
    if (!done_.empty()) {
      findings.push_back(
          passed(fmt::format("{} of {} replicas, replica {} among them, were done "
                             "while another session held the lock",
                             done_.size(), history_.replicas, *done_.begin())));
    }
    if (!write_.empty()) {
      findings.push_back(passed(write_ + " while another session held the lock"));
    }
    core::Judgement whole;
    if (asked_.size() < history_.replicas) {
      whole =
          core::unknown(fmt::format("{} of {} replicas were seen at the gate while the foreign "
                                    "lock was held",
                                    asked_.size(), history_.replicas));
    }
    core::merge(whole, core::judged(std::move(findings)));
    return whole;
  }

 private:
  void look_for_write(const core::StepRecord& record) {
    if (!write_.empty()) return;
    for (const std::string& write : writes_of(record)) {
      if (!counts(write)) continue;
      write_ =
          fmt::format("{} did {}", name_of(history_, record.step.session), sql::one_line(write));
      return;
    }
  }

  // A tracker may be made before the lock is asked for: that applies nothing.
  bool counts(const std::string& write) const {
    if (bodies_.empty()) return true;
    const std::string wanted = sql::without_blanks(write);
    return std::any_of(bodies_.begin(), bodies_.end(), [&](const std::string& body) {
      return body.find(wanted) != std::string::npos;
    });
  }

  const core::History& history_;
  std::vector<std::string> bodies_;
  std::set<std::size_t> asked_, done_;
  std::string write_;
};

}  // namespace

core::Judgement nobody_passes(const Observation& observation) {
  const core::History& history = observation.history;
  if (history.replicas == 0) return core::unknown("no replica was started");
  const auto window = window_of(history);
  if (!window) return core::unknown("nobody outside the fleet held the lock");
  return Watch(history, *window, observation.bodies).judged();
}

}  // namespace gauntlet::oracle
