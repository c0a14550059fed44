#include "harness/explore/timeline.h"

#include "harness/explore/label.h"
#include "harness/sql/statement.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace gauntlet::explore {

namespace {

using core::Event;
using What = Option::What;

/// Of a step's text: a page has room for more than a schedule's file.
constexpr std::size_t text_bytes_max = 240;

/// Matches the moments of a run with the steps that its history recorded.
class TimelineMaker {
 public:
  TimelineMaker(const Moments& moments, const core::History& history)
      : moments_(moments), history_(history), answered_(history.steps.size()) {
    for (std::size_t at = 0; at < history.events.size(); ++at) {
      const Event& event = history.events[at];
      if (event.kind == Event::Kind::answered && event.step) answered_[*event.step] = at;
      if (event.kind == Event::Kind::let_go && event.step) let_go_[*event.step] = at;
    }
  }

  Timeline make() {
    Timeline timeline{.replicas = history_.replicas};
    for (const Moment& moment : moments_) add_steps_of(moment, timeline.steps);
    for (std::size_t at = 0; at < timeline.steps.size(); ++at) add_reply(timeline, at);
    for (std::size_t replica = 0; replica < history_.replicas; ++replica)
      timeline.ends.push_back(end_of(replica));
    timeline.collision = collision_in(timeline.steps);
    return timeline;
  }

 private:
  /// An overlap is two steps.
  void add_steps_of(const Moment& moment, std::vector<TimelineStep>& steps) {
    const Option& option = moment.option();
    const bool overlaps = option.beside.has_value();
    TimelineStep step{
        .number = steps.size() + 1,
        .session = option.session,
        .what = overlaps || is_fault(option.what) ? What::step : option.what,
        .text = option.text,
        .is_preemption = !overlaps && preemptions_of(moment.point, moment.chosen) > 0,
        .overlaps = overlaps,
        .fault = is_fault(option.what) ? std::string(to_string(option.what)) : std::string()};
    add_step(step, option.fingerprint, steps);
    if (!overlaps) return;
    step.number = steps.size() + 1;
    step.session = option.beside->session;
    step.text = option.beside->text;
    add_step(step, option.beside->fingerprint, steps);
  }

  void add_step(TimelineStep step, std::uint64_t fingerprint, std::vector<TimelineStep>& steps) {
    step.until = step.number;
    records_.push_back(record_of(step, fingerprint));
    if (records_.back()) add_footprint(*records_.back(), step);
    steps.push_back(std::move(step));
  }

  /// The next record of the session with the fingerprint.
  std::optional<std::size_t> record_of(const TimelineStep& wanted, std::uint64_t fingerprint) {
    if (wanted.what == What::close || wanted.what == What::victim) return std::nullopt;
    for (std::size_t& at = next_[wanted.session]; at < history_.steps.size(); ++at) {
      const core::Step& step = history_.steps[at].step;
      if (step.session == wanted.session && fingerprint_of(step) == fingerprint) return at++;
      if (step.session == wanted.session && fingerprint == 0) return std::nullopt;
    }
    return std::nullopt;
  }

  void add_footprint(std::size_t record, TimelineStep& step) const {
    const core::StepRecord& seen = history_.steps[record];
    std::set<std::string> reads, writes, defines;
    std::string words;
    for (const sql::Statement& statement : sql::statements_of(seen.step.sql)) {
      for (const auto& name : statement.reads) reads.insert(sql::bare(name));
      for (const auto& name : statement.writes) writes.insert(sql::bare(name));
      for (const auto& name : statement.defines) defines.insert(sql::bare(name));
      const bool is_setting =
          statement.verb == sql::Statement::Verb::other &&
          (statement.text.starts_with("SET ") || statement.text.starts_with("set "));
      const bool is_frame = statement.verb == sql::Statement::Verb::begin ||
                            statement.verb == sql::Statement::Verb::commit;
      if (is_setting || is_frame) continue;
      if (!words.empty()) words += "; ";
      words += statement.text;
    }
    if (!words.empty()) step.text = text_of({.kind = seen.step.kind, .sql = words}, text_bytes_max);
    writes.insert(defines.begin(), defines.end());
    step.defines.assign(defines.begin(), defines.end());
    step.reads.assign(reads.begin(), reads.end());
    step.writes.assign(writes.begin(), writes.end());
  }

  void add_reply(Timeline& timeline, std::size_t at) const {
    if (!records_[at]) return;
    TimelineStep& step = timeline.steps[at];
    const core::StepRecord& record = history_.steps[*records_[at]];
    if (record.reply) add_outcome(*record.reply, step);
    const auto answered = answered_[*records_[at]];
    // A step that was let go before this one's reply came: until then this one was blocked.
    for (std::size_t later = at + 1; later < timeline.steps.size(); ++later) {
      if (!records_[later]) continue;
      const auto begun = let_go_.find(*records_[later]);
      if (begun == let_go_.end() || (answered && *answered < begun->second)) break;
      step.until = timeline.steps[later].number;
    }
  }

  static void add_outcome(const core::Reply& reply, TimelineStep& step) {
    step.failed = reply.ending != core::Reply::Ending::answered;
    if (step.failed) {
      step.outcome = fmt::format("{} {}", reply.sqlstate, reply.message.substr(0, 100));
    } else if (!reply.statements.empty()) {
      step.outcome = reply.statements.back().tag;
    }
  }

  std::string end_of(std::size_t replica) const {
    const Event* end = history_.exit_of(replica);
    if (end == nullptr) return "did not end";
    return end->exit_code ? fmt::format("exit {}", *end->exit_code) : "was killed";
  }

  static std::string common(const std::vector<std::string>& some,
                            const std::vector<std::string>& others) {
    for (const std::string& name : some)
      if (std::ranges::find(others, name) != others.end()) return name;
    return {};
  }

  /// The relation that the failed step would have created, and that the other one did create.
  static std::string creation_of(const TimelineStep& one, const TimelineStep& other) {
    if (one.session.replica == other.session.replica || !other.failed) return {};
    const std::string name = common(one.defines, other.defines);
    return other.outcome.find("already exists") == std::string::npos ? std::string() : name;
  }

  /// Of several relations, the one that the failure names.
  static std::string conflict_of(const TimelineStep& one, const TimelineStep& other) {
    if (one.session.replica == other.session.replica) return {};
    for (const std::string& name : one.writes)
      if (other.failed && other.outcome.find('"' + name + '"') != std::string::npos) return name;
    std::string relation = common(one.writes, other.writes);
    if (relation.empty()) relation = common(one.writes, other.reads);
    return relation.empty() ? common(one.reads, other.writes) : relation;
  }

  /// The last two steps that overlapped, or the first step that failed, or else the last one that
  /// another replica's step conflicts with; and the last conflicting step before it.
  static std::optional<Collision> collision_in(const std::vector<TimelineStep>& steps) {
    const auto overlapping =
        std::ranges::find_if(steps.rbegin(), steps.rend(), &TimelineStep::overlaps);
    if (overlapping != steps.rend()) {
      const auto first = static_cast<std::size_t>(steps.rend() - overlapping) - 2;
      return Collision{.first = first,
                       .second = first + 1,
                       .relation = common(steps[first].writes, steps[first + 1].writes)};
    }
    const auto failed = std::ranges::find_if(
        steps, [](const TimelineStep& step) { return step.failed && !step.writes.empty(); });
    const auto with = [&](std::size_t second) -> std::optional<Collision> {
      for (const auto& relation_of : {creation_of, conflict_of}) {
        for (std::size_t first = second; first-- > 0;) {
          const std::string relation = relation_of(steps[first], steps[second]);
          if (!relation.empty() && !steps[first].failed)
            return Collision{.first = first, .second = second, .relation = relation};
        }
      }
      return std::nullopt;
    };
    if (failed != steps.end())
      if (auto found = with(static_cast<std::size_t>(failed - steps.begin()))) return found;
    for (std::size_t second = steps.size(); second-- > 0;) {
      if (steps[second].writes.empty()) continue;
      if (auto found = with(second)) return found;
    }
    return std::nullopt;
  }

  const Moments& moments_;
  const core::History& history_;
  std::vector<std::optional<std::size_t>> answered_;
  std::map<std::size_t, std::size_t> let_go_;
  std::map<core::SessionId, std::size_t> next_;
  std::vector<std::optional<std::size_t>> records_;  ///< by moment
};

}  // namespace

Timeline timeline_of(const Moments& moments, const core::History& history) {
  return TimelineMaker(moments, history).make();
}

}  // namespace gauntlet::explore
