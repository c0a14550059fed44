#include "harness/run/story.h"

#include "harness/core/milliseconds.h"
#include "harness/oracle/advisory_locks.h"
#include "harness/oracle/effects.h"
#include "harness/oracle/endings.h"
#include "harness/sql/text.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using core::Event;
using core::Reply;

constexpr std::size_t lines_max = 50, lines_before_gap = 12;

class Telling {
 public:
  Telling(const core::History& history, const std::vector<Body>& bodies)
      : history_(history), bodies_(bodies), sent_(bodies_sent(history, bodies)) {
    const oracle::LockStory locks = oracle::lock_story(history);
    for (const oracle::Holding& holding : locks.holdings) given_.insert(holding.step);
    for (const oracle::Unlock& unlock : locks.unlocks)
      unlocks_.insert_or_assign(unlock.step, unlock.answer);
    find_trouble();
  }

  std::vector<std::string> lines() {
    std::vector<std::string> told;
    std::optional<std::size_t> decisive;
    for (std::size_t at = 0; at < history_.events.size(); ++at) {
      const std::string what = words_of(history_.events[at]);
      if (what.empty()) continue;
      if (at == trouble_) decisive = told.size();
      told.push_back(line_of(history_.events[at], what, at == trouble_));
    }
    told = shortened(std::move(told), decisive);
    tell_of_the_rest(told);
    return told;
  }

 private:
  bool fails(std::size_t replica) const {
    const Event* end = history_.exit_of(replica);
    return end != nullptr && (end->kind == Event::Kind::killed || end->exit_code != 0);
  }

  const core::StepRecord* answered_step(const Event& event) const {
    if (event.kind != Event::Kind::answered || !event.step) return nullptr;
    const core::StepRecord& record = history_.steps.at(*event.step);
    return record.reply ? &record : nullptr;
  }

  /// The first body that failed a replica, or that was applied once more, and who sent it first.
  void find_trouble() {
    std::map<const Body*, core::SessionId> first_senders;
    for (std::size_t at = 0; at < history_.events.size() && trouble_ == none; ++at) {
      const Event& event = history_.events[at];
      const Body* body = event.step ? sent_.at(*event.step).body : nullptr;
      if (body == nullptr) continue;
      const core::SessionId session = history_.steps.at(*event.step).step.session;
      const core::SessionId first = first_senders.emplace(body, session).first->second;
      const core::StepRecord* record = answered_step(event);
      if (record == nullptr) continue;
      const bool failed = record->reply->ending == Reply::Ending::refused && fails(event.replica);
      const bool repeated = record->reply->ending == Reply::Ending::answered && session != first;
      if (!failed && !repeated) continue;
      trouble_ = at;
      focus_ = {event.replica, first.replica};
    }
    if (trouble_ == none) focus_on_ends();
  }

  /// Nothing tells of trouble but how they ended: one that failed, or that succeeded too early, or
  /// else one that worked.
  void focus_on_ends() {
    for (std::size_t at = 0; at < history_.events.size() && trouble_ == none; ++at) {
      const Event& event = history_.events[at];
      const bool is_end = event.kind == Event::Kind::exited || event.kind == Event::Kind::killed;
      if (is_end && fails(event.replica)) {
        trouble_ = at;
        focus_.insert(event.replica);
      }
    }
    if (trouble_ == none) focus_on_early_success();
    for (std::size_t step = 0; step < sent_.size() && focus_.size() < 2; ++step)
      if (sent_[step]) focus_.insert(history_.steps[step].step.session.replica);
    if (focus_.empty() && history_.replicas > 0) focus_.insert(0);
  }

  /// One that ended well before another one sent a body that nobody had sent. Whoever was called
  /// otherwise, and may end early, is numbered after the others.
  void focus_on_early_success() {
    std::set<const Body*> sent;
    std::size_t last = none;
    for (std::size_t at = 0; at < history_.events.size(); ++at) {
      const Event& event = history_.events[at];
      const bool goes = event.kind == Event::Kind::let_go && event.step;
      const Body* body = goes ? sent_.at(*event.step).body : nullptr;
      if (body != nullptr && sent.insert(body).second) last = at;
    }
    if (last == none) return;
    const std::size_t sender = history_.events[last].replica;
    for (std::size_t at = 0; at < last; ++at) {
      const Event& event = history_.events[at];
      const bool is_first = trouble_ == none || event.replica < history_.events[trouble_].replica;
      if (event.kind == Event::Kind::exited && event.replica != sender && is_first) trouble_ = at;
    }
    if (trouble_ != none) focus_ = {history_.events[trouble_].replica, sender};
  }

  std::string words_of(const Event& event) const {
    if (!core::is_of_a_replica(event)) return event.text;
    if (!focus_.contains(event.replica)) return {};
    switch (event.kind) {
      case Event::Kind::asked:
        return words_of_sending(*event.step);
      case Event::Kind::let_go:
        return words_of_harm(history_.steps.at(*event.step));
      case Event::Kind::answered:
        return was_ended_before(event) ? words_of_late_reply(*event.step)
                                       : words_of_reply(*event.step);
      case Event::Kind::exited:
      case Event::Kind::killed:
        return oracle::ending_of(event);
      default:
        return {};
    }
  }

  bool was_ended_before(const Event& event) const {
    const Event* end = history_.exit_of(event.replica);
    return end != nullptr && end->kind == Event::Kind::killed && end->at < event.at;
  }

  /// The server goes on with a statement whose client is gone.
  std::string words_of_late_reply(std::size_t step) const {
    const core::StepRecord& record = history_.steps.at(step);
    const bool applied = sent_[step] && sent_[step].ends() && record.reply &&
                         record.reply->ending == Reply::Ending::answered;
    return applied ? fmt::format("is gone, and the server applied {} after that", sent_[step].label)
                   : std::string();
  }

  /// A body that is sent statement by statement is told of once, when it begins.
  std::string words_of_sending(std::size_t step) const {
    const bool runs = history_.steps.at(step).step.kind != core::Step::Kind::prepare;
    return runs && sent_[step] && sent_[step].begins() ? "sends " + sent_[step].label : "";
  }

  /// The body, and which of its statements where it was sent piece by piece.
  std::string named(const SentBody& sent) const {
    const bool is_whole = sent.begins() && sent.ends();
    if (is_whole) return sent.label;
    return fmt::format("statement {} of {} of {}", sent.last + 1, sent.statements, sent.label);
  }

  static std::string words_of_harm(const core::StepRecord& record) {
    if (record.ruling.what == core::Ruling::What::proceed) return {};
    return fmt::format("suffers {} at {}", to_string(record.ruling.what),
                       sql::one_line(record.step.sql));
  }

  std::string words_of_reply(std::size_t step) const {
    const core::StepRecord& record = history_.steps.at(step);
    if (!record.reply) return {};
    const std::string what = sent_[step] ? named(sent_[step]) : sql::one_line(record.step.sql);
    if (record.reply->ending == Reply::Ending::lost)
      return fmt::format("lost its connection in {}: whether it took effect is in doubt", what);
    if (record.reply->ending == Reply::Ending::refused)
      return fmt::format("failed at {}: {} ({})", what, record.reply->message,
                         record.reply->sqlstate);
    if (sent_[step] && record.step.kind != core::Step::Kind::prepare)
      return sent_[step].ends() ? "has applied " + sent_[step].label : "";
    return words_of_lock(step, record);
  }

  std::string words_of_lock(std::size_t step, const core::StepRecord& record) const {
    if (const auto unlock = unlocks_.find(step); unlock != unlocks_.end())
      return unlock->second == oracle::Unlock::Answer::done
                 ? "gave the lock back"
                 : "gave back a lock that it did not hold";
    if (given_.contains(step)) return "has the lock";
    const bool asked = record.step.sql.find("advisory") != std::string::npos;
    const bool refused =
        asked && std::ranges::any_of(record.reply->statements, [](const auto& statement) {
          return statement.value == "false" || statement.value == "f";
        });
    return refused ? "is told that another has the lock" : "";
  }

  static std::string line_of(const Event& event, const std::string& what, bool is_decisive) {
    const std::string who = core::is_of_a_replica(event) ? fmt::format("replica {}", event.replica)
                                                         : std::string("somebody else");
    return fmt::format("{}{:8.1f} ms  {:<10}  {}", is_decisive ? "->" : "  ",
                       core::milliseconds_of(event.at), who, what);
  }

  /// Its beginning, and what lies around the decisive line.
  static std::vector<std::string> shortened(std::vector<std::string> told,
                                            std::optional<std::size_t> decisive) {
    if (told.size() <= lines_max) return told;
    const std::size_t room = lines_max - lines_before_gap;
    const std::size_t centre = decisive.value_or(told.size());
    const std::size_t end = std::min(told.size(), std::max(centre + room / 4, lines_max));
    const std::size_t from = std::max(lines_before_gap, end - std::min(end, room));
    std::vector<std::string> shorter(told.begin(),
                                     told.begin() + static_cast<std::ptrdiff_t>(lines_before_gap));
    if (from > lines_before_gap)
      shorter.push_back(fmt::format("  … {} lines more …", from - lines_before_gap));
    shorter.insert(shorter.end(), told.begin() + static_cast<std::ptrdiff_t>(from),
                   told.begin() + static_cast<std::ptrdiff_t>(end));
    if (end < told.size()) shorter.push_back(fmt::format("  … {} lines more …", told.size() - end));
    return shorter;
  }

  void tell_of_the_rest(std::vector<std::string>& told) const {
    std::map<std::string, std::size_t> endings;
    for (std::size_t replica = 0; replica < history_.replicas; ++replica) {
      if (focus_.contains(replica)) continue;
      const Event* end = history_.exit_of(replica);
      ++endings[end == nullptr ? "were not seen to end" : oracle::ending_of(*end)];
    }
    for (const auto& [ending, replicas] : endings)
      told.push_back(fmt::format("  {} other{} {}", replicas, replicas == 1 ? "" : "s", ending));
    const bool steps_were_seen = !history_.steps.empty();
    for (const Body& body : bodies_) {
      if (steps_were_seen && body.is_new &&
          std::ranges::find(sent_, &body, &SentBody::body) == sent_.end())
        told.push_back(fmt::format("  nobody sent {}", body.name));
    }
  }

  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  const core::History& history_;
  const std::vector<Body>& bodies_;
  const std::vector<SentBody> sent_;
  std::set<std::size_t> given_;  ///< steps that took a lock
  std::map<std::size_t, oracle::Unlock::Answer> unlocks_;
  std::size_t trouble_ = none;   ///< the decisive event
  std::set<std::size_t> focus_;  ///< replicas that are told of
};

}  // namespace

core::Story story_of(const core::History& history, std::string_view stage,
                     const std::vector<Body>& bodies) {
  return {.title = fmt::format("what happened in `{}`", stage),
          .lines = Telling(history, bodies).lines()};
}

}  // namespace gauntlet::run
