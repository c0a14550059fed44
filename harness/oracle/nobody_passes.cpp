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
  const auto taken =
      std::ranges::find(history.events, Event::Kind::foreign_lock_taken, &Event::kind);
  if (taken == history.events.end()) return std::nullopt;
  const auto released =
      std::ranges::find(history.events, Event::Kind::foreign_lock_released, &Event::kind);
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

/// It saw that the lock was taken, and left with success.
core::Finding left(std::size_t replica) {
  return {.id = "success-too-early",
          .message = fmt::format("replica {} was refused the lock and ended with exit 0 while "
                                 "another session held it; whatever starts after it meets a schema "
                                 "that is not there yet",
                                 replica),
          .fix =
              "wait until the lock is free and look again, or end with a code that no deploy "
              "takes for success"};
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
      if (is_refused_lock(history.steps[*event.step])) refused_.insert(event.replica);
      const auto began = let_go[*event.step];
      if (began && *began > window.from) look_for_write(history.steps[*event.step]);
    }
  }

  core::Judgement judged() const {
    std::vector<core::Finding> findings;
    const auto was_refused = [&](std::size_t replica) {
      return refused_.contains(replica) && !wrote_.contains(replica);
    };
    if (std::ranges::any_of(done_, was_refused)) {
      findings.push_back(left(*std::ranges::find_if(done_, was_refused)));
    } else if (!done_.empty()) {
      findings.push_back(
          passed(fmt::format("{} of {} replicas, replica {} among them, were done "
                             "while another session held the lock",
                             done_.size(), history_.replicas, *done_.begin())));
    }
    if (!write_.empty()) {
      findings.push_back(passed(write_ + " while another session held the lock"));
    }
    core::Judgement whole = core::judged({});
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
  /// A call that asks for a lock without waiting, and was answered false.
  static bool is_refused_lock(const core::StepRecord& record) {
    if (!record.reply || record.step.sql.find("advisory") == std::string::npos) return false;
    return std::ranges::any_of(record.reply->statements, [](const core::StatementReply& reply) {
      return reply.value == "f" || reply.value == "false";
    });
  }

  void look_for_write(const core::StepRecord& record) {
    for (const std::string& write : writes_of(record)) {
      if (!counts(write)) continue;
      wrote_.insert(record.step.session.replica);
      if (!write_.empty()) return;
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
  std::set<std::size_t> asked_, done_, refused_, wrote_;
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
