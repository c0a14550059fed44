#include "harness/explore/bounded.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gauntlet::explore {

namespace {

using nlohmann::json;

std::size_t overlaps_in(const std::vector<Choice>& choices) {
  return static_cast<std::size_t>(
      std::ranges::count(choices, Option::What::overlap, &Choice::what));
}

std::size_t faults_in(const std::vector<Choice>& choices) {
  return static_cast<std::size_t>(std::ranges::count_if(choices, is_fault, &Choice::what));
}

/// Two statements that collide, whichever of them comes first.
std::string pair_of(const Choice& choice) {
  const auto [less, more] = std::minmax(choice.fingerprint, choice.beside_fingerprint);
  return fmt::format("{:x} {:x}", less, more);
}

json json_of(const Choice& choice) {
  json made{choice.session.replica, choice.session.number, choice.what, choice.fingerprint};
  if (choice.beside) {
    made.push_back(choice.beside->replica);
    made.push_back(choice.beside->number);
    made.push_back(choice.beside_fingerprint);
  }
  return made;
}

Choice choice_in(const json& saved) {
  Choice choice{.session = {saved.at(0), saved.at(1)},
                .what = saved.at(2).get<Option::What>(),
                .fingerprint = saved.at(3)};
  if (saved.size() == 4) return choice;
  choice.beside = core::SessionId{saved.at(4), saved.at(5)};
  choice.beside_fingerprint = saved.at(6);
  return choice;
}

}  // namespace

Bounded::Bounded(const Options& options) : options_(options), done_(options.preemptions_max + 1) {
  left_[{}].emplace_back();  // the run without a single choice of ours
}

bool Bounded::begin() {
  for (auto& [level, candidates] : left_) {
    while (!candidates.empty()) {
      const Candidate candidate = std::move(candidates.back());
      candidates.pop_back();
      if (!is_needed(candidate, level)) continue;
      prefix_ = candidate.prefix;
      preemptions_ = level.preemptions;
      at_ = 0;
      divergence_.clear();
      is_past_overlap_ = has_changed_ = false;
      is_ours_ = is_of_this_shard(prefix_, preemptions_);
      return true;
    }
  }
  return false;
}

bool Bounded::is_needed(const Candidate& candidate, const Level& level) {
  if (level.overlaps > options_.overlaps_max &&
      candidate.prefix.back().what == Option::What::overlap &&
      met_.contains(pair_of(candidate.prefix.back())))
    return false;
  if (!options_.reduces || !reduction_.is_run(candidate, level.preemptions)) return true;
  ++equal_;
  return false;
}

std::size_t Bounded::choose(const Point& point) {
  if (at_ >= prefix_.size() || !divergence_.empty() || has_changed_) return default_option(point);
  const Choice& meant = prefix_[at_++];
  if (const auto found = find(point, meant)) {
    is_past_overlap_ = is_past_overlap_ || meant.what == Option::What::overlap;
    return *found;
  }
  if (is_past_overlap_) {
    has_changed_ = true;
    ++changed_;
    return default_option(point);
  }
  std::string options;
  for (const Option& option : point.options)
    options +=
        fmt::format("{}{}.{} {} {:x} {}", options.empty() ? "" : "; ", option.session.replica,
                    option.session.number, to_string(option.what), option.fingerprint, option.text);
  divergence_ = fmt::format("at step {} the search expected {}.{} {} {:x}, saw {}", at_,
                            meant.session.replica, meant.session.number, to_string(meant.what),
                            meant.fingerprint, options);
  return default_option(point);
}

bool Bounded::may_overlap() const {
  return std::ranges::any_of(prefix_.begin() + static_cast<std::ptrdiff_t>(at_), prefix_.end(),
                             [](const Choice& choice) { return choice.beside.has_value(); });
}

void Bounded::end(const Moments& moments) {
  if (is_ours_) ++done_[preemptions_];
  for (const Moment& moment : moments)
    if (moment.option().beside) met_.insert(pair_of(choice_of(moment.option())));
  if (divergence_.empty() && !has_changed_) add_siblings(moments);
}

// Only after the prefix: what differs earlier was found from an earlier run.
void Bounded::add_siblings(const Moments& moments) {
  const Walk walk = reduction_.walk(moments);
  reduction_.note_run(moments, walk, prefix_.size());
  std::size_t spent = 0;
  Prefix so_far;
  so_far.reserve(moments.size());
  for (std::size_t at = 0; at < moments.size(); ++at) {
    const Moment& moment = moments[at];
    for (std::size_t other = 0; at >= prefix_.size() && other < moment.point.options.size();
         ++other)
      add_candidate(moments, walk, so_far, at, other, spent + preemptions_of(moment.point, other));
    spent += preemptions_of(moment.point, moment.chosen);
    so_far.push_back(choice_of(moment.option()));
  }
  // Early preemptions are tried first.
  for (auto& [level, candidates] : found_)
    for (auto candidate = candidates.rbegin(); candidate != candidates.rend(); ++candidate)
      left_[level].push_back(std::move(*candidate));
  found_.clear();
}

void Bounded::add_candidate(const Moments& moments, const Walk& walk, const Prefix& so_far,
                            std::size_t at, std::size_t option, std::size_t preemptions) {
  if (preemptions > options_.preemptions_max) return;
  const Moment& moment = moments[at];
  Candidate candidate = reduction_.candidate_at(moments, walk, so_far, at, option);
  const Level level{.faults = faults_in(candidate.prefix),
                    .together = overlaps_in(candidate.prefix) + preemptions,
                    .overlaps = overlaps_in(candidate.prefix),
                    .preemptions = preemptions};
  // All that costs nothing is run by every shard, which finds its own part from it.
  if (preemptions_ == 0 && preemptions > 0 && !is_of_this_shard(candidate.prefix, preemptions))
    return;
  const bool is_known =
      options_.reduces && reduction_.is_reached(walk, moment.point, at, option, preemptions);
  if (option == moment.chosen) return;
  if (is_known) {
    ++equal_;
    return;
  }
  found_[level].push_back(std::move(candidate));
}

// A schedule with preemptions belongs to the shard of the first one from which it was found.
bool Bounded::is_of_this_shard(const Prefix& prefix, std::size_t preemptions) const {
  if (preemptions == 0) return options_.shard.number == 1;
  if (preemptions_ > 0) return true;
  return hash_of(prefix) % options_.shard.of == options_.shard.number - 1;
}

nlohmann::json Bounded::to_json() const {
  json left = json::array();
  for (const auto& [level, candidates] : left_)
    for (const Candidate& candidate : candidates) {
      json prefix = json::array();
      for (const Choice& choice : candidate.prefix) prefix.push_back(json_of(choice));
      left.push_back({level.faults, level.overlaps, level.preemptions,
                      reduction_.number_of(candidate.before), reduction_.number_of(candidate.next),
                      std::move(prefix)});
    }
  return {{"done", done_}, {"equal", equal_},         {"changed", changed_},
          {"met", met_},   {"left", std::move(left)}, {"reduction", reduction_.to_json()}};
}

void Bounded::take(const nlohmann::json& saved) {
  done_ = saved.at("done").get<std::vector<std::size_t>>();
  done_.resize(options_.preemptions_max + 1);
  equal_ = saved.at("equal");
  changed_ = saved.at("changed");
  met_ = saved.at("met").get<std::set<std::string>>();
  reduction_.take(saved.at("reduction"));
  left_.clear();
  for (const json& each : saved.at("left")) {
    const std::size_t faults = each.at(0), overlaps = each.at(1), preemptions = each.at(2);
    Candidate candidate{.before = reduction_.numbered(each.at(3)),
                        .next = reduction_.numbered(each.at(4))};
    for (const json& choice : each.at(5)) candidate.prefix.push_back(choice_in(choice));
    left_[{.faults = faults,
           .together = overlaps + preemptions,
           .overlaps = overlaps,
           .preemptions = preemptions}]
        .push_back(std::move(candidate));
  }
}

std::size_t Bounded::left() const {
  std::size_t sum = 0;
  for (const auto& [level, candidates] : left_) sum += candidates.size();
  return sum;
}

}  // namespace gauntlet::explore
