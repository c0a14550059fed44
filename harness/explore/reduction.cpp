#include "harness/explore/reduction.h"

#include "harness/core/fnv1a.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gauntlet::explore {

namespace {

using nlohmann::json;
using What = Option::What;

std::uint64_t hash_of(const Choice& choice, std::uint64_t from) {
  std::string text = fmt::format("{}.{} {} {:x}", choice.session.replica, choice.session.number,
                                 to_string(choice.what), choice.fingerprint);
  if (choice.beside)
    text += fmt::format(" {}.{} {:x}", choice.beside->replica, choice.beside->number,
                        choice.beside_fingerprint);
  return core::fnv1a(text + ";", from);
}

/// So that sums of them differ.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

const Footprint& everything() {
  static const Footprint all{.everything = true};
  return all;
}

bool is_of_one_replica(What what) {
  return what == What::step || what == What::wait || what == What::close;
}

/// What each moment of a run touches. The end of a transaction, and that of a session, touch what
/// was touched before it. When a program closes a session that it does not use any more is not
/// seen: each later step of it may.
class Touching {
 public:
  explicit Touching(const Moments& moments) : moments_(moments) {
    for (std::size_t at = 0; at < moments.size(); ++at) last_of_[moments[at].option().session] = at;
  }

  Footprint touched(std::size_t at) {
    const Option& option = moments_[at].option();
    if (!is_of_one_replica(option.what)) return everything();
    if (option.what == What::wait) return footprint_of_wait();
    SessionState& session = sessions_[option.session];
    if (option.what == What::close) return std::exchange(session.ever, {});
    const Footprint& own = option.footprint ? *option.footprint : everything();
    session.keeps_a_snapshot = session.keeps_a_snapshot || own.keeps_a_snapshot;
    if (session.keeps_a_snapshot) return everything();
    Footprint touched = own;
    if (own.ends_transaction) {
      touched.add(session.open);
      session.open = {};
    }
    session.open.add(own);
    session.ever.add(own);
    for (const auto& [id, last] : last_of_)
      if (id.replica == option.session.replica && last <= at) touched.add(sessions_[id].ever);
    return touched;
  }

 private:
  struct SessionState {
    Footprint open = {}, ever = {};
    bool keeps_a_snapshot = false;
  };
  const Moments& moments_;
  std::map<core::SessionId, std::size_t> last_of_;  ///< the last moment of each session
  std::map<core::SessionId, SessionState> sessions_;
};

bool are_of_one_replica(const Option& one, const Option& other) {
  return one.session.replica == other.session.replica || one.beside || other.beside;
}

}  // namespace

std::uint64_t hash_of(const Prefix& prefix, std::size_t length) {
  std::uint64_t hash = core::fnv1a("");
  for (std::size_t at = 0; at < length; ++at) hash = hash_of(prefix[at], hash);
  return hash;
}

std::uint64_t hash_of(const Prefix& prefix) { return hash_of(prefix, prefix.size()); }

std::shared_ptr<const Footprint> Reduction::shared(Footprint footprint) {
  const auto [known, is_new] = numbers_.emplace(std::move(footprint), shared_.size() + 1);
  if (is_new) shared_.push_back(std::make_shared<const Footprint>(known->first));
  return shared_[known->second - 1];
}

std::size_t Reduction::number_of(const std::shared_ptr<const Footprint>& footprint) const {
  return footprint ? numbers_.at(*footprint) : 0;
}

std::shared_ptr<const Footprint> Reduction::numbered(std::size_t number) const {
  return number == 0 ? nullptr : shared_.at(number - 1);
}

// The hash of a step has those of all steps before it with which it conflicts, in no order.
Walk Reduction::walk(const Moments& moments) {
  Walk walk;
  walk.touched.reserve(moments.size());
  walk.state.reserve(moments.size());
  Touching touching(moments);
  std::vector<std::uint64_t> steps;
  std::uint64_t state = 0;
  for (std::size_t at = 0; at < moments.size(); ++at) {
    for (const Option& option : moments[at].point.options)
      replicas_ = std::max(replicas_, option.session.replica + 1);
    const Option& option = moments[at].option();
    walk.touched.push_back(shared(touching.touched(at)));
    walk.state.push_back(state);
    std::uint64_t depends_on = 0;
    for (std::size_t before = 0; before < at; ++before)
      if (are_of_one_replica(moments[before].option(), option) ||
          conflict(*walk.touched[before], *walk.touched[at]))
        depends_on += steps[before];
    steps.push_back(mixed(hash_of(choice_of(option), depends_on)));
    state += steps.back();
  }
  return walk;
}

void Reduction::note_run(const Moments& moments, const Walk& walk, std::size_t from) {
  Prefix prefix;
  prefix.reserve(moments.size());
  std::vector<std::size_t> spent;
  spent.reserve(moments.size());
  std::size_t preemptions = 0;
  for (const Moment& moment : moments) {
    preemptions += preemptions_of(moment.point, moment.chosen);
    spent.push_back(preemptions);
    prefix.push_back(choice_of(moment.option()));
  }
  Footprint touched;
  for (std::size_t at = moments.size(); at-- > (from > 0 ? from - 1 : 0);) {
    const Option& option = moments[at].option();
    const bool goes_on = at + 1 < moments.size() && is_of_one_replica(option.what) &&
                         is_of_one_replica(moments[at + 1].option().what) &&
                         are_of_one_replica(option, moments[at + 1].option());
    if (!goes_on) touched = {};
    touched.add(*walk.touched[at]);
    segments_.try_emplace(hash_of(prefix, at + 1),
                          Segment{.touched = shared(touched), .preemptions = spent[at]});
  }
}

bool Reduction::is_reached(const Walk& walk, const Point& point, std::size_t at, std::size_t option,
                           std::size_t preemptions) {
  std::uint64_t choice = hash_of(choice_of(point.options[option]), core::fnv1a(""));
  // A victim's replica is not the one that goes on.
  if (point.options[option].what == What::victim && point.last) choice += *point.last + 1;
  const auto [known, is_new] = reached_.try_emplace({walk.state[at], choice}, preemptions);
  if (is_new) return false;
  if (known->second <= preemptions) return true;
  known->second = preemptions;
  return false;
}

Candidate Reduction::candidate_at(const Moments& moments, const Walk& walk, const Prefix& so_far,
                                  std::size_t at, std::size_t option) {
  Candidate candidate{.prefix = so_far};
  candidate.prefix.push_back(choice_of(moments[at].point.options[option]));
  if (at == 0) return candidate;
  candidate.before = walk.touched[at - 1];
  Footprint next;
  for (const Option& each : moments[at].point.options)
    if (each.session.replica == so_far.back().session.replica && each.what == What::step)
      next.add(each.footprint ? *each.footprint : everything());
  candidate.next = shared(std::move(next));
  return candidate;
}

// If what the other replica does next conflicts, the two may overlap, and in the equal schedule
// that takes a preemption more. With more than two replicas a third one may mind either.
bool Reduction::is_run(const Candidate& candidate, std::size_t preemptions) {
  const Prefix& prefix = candidate.prefix;
  if (prefix.size() < 2 || !candidate.before || !candidate.next) return false;
  const Choice &step = prefix[prefix.size() - 2], &choice = prefix.back();
  if (!is_of_one_replica(step.what) || !is_of_one_replica(choice.what) ||
      step.session.replica == choice.session.replica)
    return false;
  Prefix earlier(prefix.begin(), prefix.end() - 2);
  earlier.push_back(choice);
  const auto found = segments_.find(hash_of(earlier));
  if (found == segments_.end() || found->second.preemptions > preemptions) return false;
  const Segment segment = found->second;
  const bool commutes = replicas_ <= 2
                            ? !conflict(*candidate.before, *segment.touched) &&
                                  !conflict(*candidate.next, *segment.touched)
                            : candidate.before->is_nothing() && candidate.next->is_nothing();
  if (!commutes) return false;
  segments_.try_emplace(hash_of(prefix), segment);
  return true;
}

nlohmann::json Reduction::to_json() const {
  json footprints = json::array(), segments = json::array(), reached = json::array();
  for (const auto& each : shared_)
    footprints.push_back({each->everything, each->keeps_a_snapshot, each->ends_transaction,
                          each->reads, each->writes});
  for (const auto& [prefix, segment] : segments_)
    segments.push_back({prefix, number_of(segment.touched), segment.preemptions});
  for (const auto& [at, preemptions] : reached_)
    reached.push_back({at.first, at.second, preemptions});
  return {{"replicas", replicas_},
          {"footprints", std::move(footprints)},
          {"segments", std::move(segments)},
          {"reached", std::move(reached)}};
}

void Reduction::take(const nlohmann::json& saved) {
  *this = {};
  replicas_ = saved.at("replicas");
  for (const json& each : saved.at("footprints"))
    shared({.everything = each.at(0),
            .keeps_a_snapshot = each.at(1),
            .ends_transaction = each.at(2),
            .reads = each.at(3).get<std::vector<std::string>>(),
            .writes = each.at(4).get<std::vector<std::string>>()});
  for (const json& each : saved.at("segments"))
    segments_.emplace(each.at(0).get<std::uint64_t>(),
                      Segment{.touched = numbered(each.at(1)), .preemptions = each.at(2)});
  for (const json& each : saved.at("reached"))
    reached_.emplace(std::pair(each.at(0).get<std::uint64_t>(), each.at(1).get<std::uint64_t>()),
                     each.at(2).get<std::size_t>());
}

}  // namespace gauntlet::explore
