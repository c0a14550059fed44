#include "harness/trace/positions.h"

#include <algorithm>

namespace gauntlet::trace {

using core::Event;

Positions::Positions(const core::History& history, const std::vector<ReadStep>& steps)
    : steps_(steps), events_(history.events.size()), let_go_(history.steps.size()) {
  for (std::size_t at = 0; at < history.events.size(); ++at) {
    const Event& event = history.events[at];
    if (event.kind == Event::Kind::let_go && event.step) {
      let_go_[*event.step] = at;
      if (has_body(*event.step)) bodies_.push_back(at);
    }
    if (event.kind == Event::Kind::answered || event.kind == Event::Kind::closed)
      sessions_[{event.replica, event.session}].last_seen = at;
    if (event.kind != Event::Kind::answered || !event.step) continue;
    const core::StepRecord& record = history.steps[*event.step];
    if (record.reply && !record.reply->in_transaction)
      sessions_[record.step.session].outside_transaction.push_back({*event.step, at});
  }
}

std::optional<std::size_t> Positions::let_go(std::size_t step) const {
  return step < let_go_.size() ? let_go_[step] : std::nullopt;
}

std::size_t Positions::last_seen(core::SessionId session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? 0 : found->second.last_seen;
}

std::size_t Positions::end_of_transaction(core::SessionId session, std::size_t step) const {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return events_;
  const std::vector<Answer>& answers = found->second.outside_transaction;
  const auto answer =
      std::lower_bound(answers.begin(), answers.end(), step,
                       [](const Answer& each, std::size_t from) { return each.step < from; });
  return answer == answers.end() ? events_ : answer->at;
}

std::size_t Positions::bodies_between(std::size_t from, std::size_t until,
                                      std::size_t own_step) const {
  const auto first = std::upper_bound(bodies_.begin(), bodies_.end(), from);
  const auto last = std::lower_bound(first, bodies_.end(), until);
  const auto own = let_go(own_step);
  const bool counts_apart = own && has_body(own_step) && !(*own > from && *own < until);
  return static_cast<std::size_t>(last - first) + (counts_apart ? 1 : 0);
}

bool Positions::has_body(std::size_t step) const {
  return step < steps_.size() && std::any_of(steps_[step].bodies.begin(), steps_[step].bodies.end(),
                                             [](const auto& body) { return body.has_value(); });
}

}  // namespace gauntlet::trace
