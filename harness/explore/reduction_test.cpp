// A search that leaves out equal schedules comes to every outcome that the whole search comes to,
// of small programs that are drawn at random.
#include "harness/explore/bounded.h"

#include <map>
#include <random>
#include <set>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::explore {
namespace {

/// One step of a replica on one of few things.
struct Act {
  enum class What { nothing, read, write, lock, unlock } what = What::nothing;
  std::size_t thing = 0;
};
using Script = std::vector<Act>;

std::shared_ptr<const Footprint> footprint_of(const Act& act) {
  Footprint made;
  const std::string name = fmt::format("{}", act.thing);
  if (act.what == Act::What::read) made.reads = {name};
  if (act.what == Act::What::write) made.writes = {name};
  if (act.what == Act::What::lock || act.what == Act::What::unlock) made.writes = {"lock"};
  return std::make_shared<const Footprint>(std::move(made));
}

/// Replicas that follow their scripts. One that finds the lock taken waits until it is given back.
class World {
 public:
  explicit World(const std::vector<Script>& scripts)
      : scripts_(scripts), next_(scripts.size()), read_(scripts.size()) {}

  Moments run(Bounded& search) {
    Moments moments;
    Point point;
    while (true) {
      point.options = options();
      if (point.options.empty()) return moments;
      const std::size_t chosen = search.choose(point);
      moments.push_back({.point = point, .chosen = chosen});
      const Option option = point.options[chosen];
      do_next(option.session.replica);
      if (option.beside)
        together_ += fmt::format("{}.{}+{};", option.session.replica, option.fingerprint,
                                 option.beside->session.replica);
      if (option.beside) do_next(option.beside->session.replica);
      point.last = option.beside ? option.beside->session.replica : option.session.replica;
    }
  }

  /// What each thing went through, and what each replica read.
  std::string outcome() const {
    std::string text = together_;
    for (const auto& [thing, written] : things_) text += fmt::format("{}={} ", thing, written);
    for (const std::string& each : read_) text += "| " + each;
    return text;
  }

 private:
  std::vector<Option> options() {
    std::vector<Option> options;
    for (std::size_t replica = 0; replica < scripts_.size(); ++replica) {
      if (next_[replica] >= scripts_[replica].size() || waiting_.contains(replica)) continue;
      const Act& act = scripts_[replica][next_[replica]];
      options.push_back(
          {.session = {replica, 0}, .fingerprint = next_[replica], .footprint = footprint_of(act)});
    }
    const std::size_t steps = options.size();
    for (std::size_t one = 0; one < steps; ++one)
      for (std::size_t other = one + 1; other < steps; ++other)
        if (write_both(options[one], options[other]))
          options.push_back(both_of(options[one], options[other]));
    return options;
  }

  static Option both_of(const Option& one, const Option& other) {
    Option both = one;
    both.what = Option::What::overlap;
    both.beside = Option::Beside{.session = other.session, .fingerprint = other.fingerprint + 100};
    return both;
  }

  bool write_both(const Option& first, const Option& second) const {
    const Act &one = next_of(first), &other = next_of(second);
    return one.what == Act::What::write && other.what == Act::What::write &&
           one.thing == other.thing;
  }
  const Act& next_of(const Option& option) const {
    return scripts_[option.session.replica][next_[option.session.replica]];
  }

  void do_next(std::size_t replica) {
    const Act& act = scripts_[replica][next_[replica]];
    if (act.what == Act::What::lock && holder_ && *holder_ != replica) {
      waiting_.insert(replica);
      return;
    }
    const std::string name = fmt::format("{}.{} ", replica, next_[replica]++);
    if (act.what == Act::What::read) read_[replica] += things_[act.thing] + ";";
    if (act.what == Act::What::write) things_[act.thing] += name;
    if (act.what == Act::What::lock) holder_ = replica;
    if (act.what != Act::What::unlock || holder_ != replica) return;
    holder_.reset();
    if (waiting_.empty()) return;
    const std::size_t woken = *waiting_.begin();
    waiting_.erase(woken);
    do_next(woken);
  }

  const std::vector<Script>& scripts_;
  std::vector<std::size_t> next_;
  std::vector<std::string> read_;
  std::map<std::size_t, std::string> things_;
  std::optional<std::size_t> holder_;
  std::set<std::size_t> waiting_;
  std::string together_;
};

struct Searched {
  std::set<std::string> outcomes = {};
  std::size_t runs = 0;
};

/// `stops_after` runs it goes on as another process would.
Searched search(const std::vector<Script>& scripts, Bounded::Options options,
                std::size_t stops_after = 0) {
  Searched searched;
  auto bounded = std::make_unique<Bounded>(options);
  while (bounded->begin()) {
    World world(scripts);
    bounded->end(world.run(*bounded));
    EXPECT_EQ(bounded->divergence(), "");
    if (bounded->counts()) searched.outcomes.insert(world.outcome());
    ++searched.runs;
    if (searched.runs != stops_after) continue;
    const std::string text = bounded->to_json().dump();
    bounded = std::make_unique<Bounded>(options);
    bounded->take(nlohmann::json::parse(text));
  }
  return searched;
}

class Programs {
 public:
  std::vector<Script> draw(std::size_t replicas, std::size_t steps) {
    std::vector<Script> scripts(replicas);
    for (Script& script : scripts) {
      for (std::size_t at = 0; at < steps; ++at) script.push_back({draw_what(), random_() % 2});
      if (random_() % 2 != 0) continue;
      script.insert(script.begin() + 1, {Act::What::lock});
      script.push_back({Act::What::unlock});
    }
    return scripts;
  }

 private:
  Act::What draw_what() {
    constexpr std::array whats{Act::What::nothing, Act::What::read, Act::What::write};
    return whats[random_() % whats.size()];
  }
  std::mt19937_64 random_{7};
};

TEST(Reduction, ComesToEveryOutcomeOfTheWholeSearch) {
  Programs programs;
  std::size_t runs = 0, whole_runs = 0;
  for (std::size_t drawn = 0; drawn < 30; ++drawn) {
    const std::size_t replicas = drawn % 3 == 0 ? 3 : 2;
    const auto scripts = programs.draw(replicas, replicas == 3 ? 3 : 4);
    for (const std::size_t bound : {0U, 1U, 2U}) {
      SCOPED_TRACE(testing::Message() << "program " << drawn << ", " << bound << " preemptions");
      const Searched whole = search(scripts, {.preemptions_max = bound, .reduces = false});
      const Searched reduced = search(scripts, {.preemptions_max = bound});
      EXPECT_EQ(reduced.outcomes, whole.outcomes);
      EXPECT_LE(reduced.runs, whole.runs);
      runs += reduced.runs;
      whole_runs += whole.runs;
    }
  }
  EXPECT_LT(3 * runs, 2 * whole_runs);
}

TEST(Reduction, ShardsComeTogetherToEveryOutcome) {
  Programs programs;
  for (std::size_t drawn = 0; drawn < 20; ++drawn) {
    const auto scripts = programs.draw(2, 4);
    const Searched whole = search(scripts, {.preemptions_max = 2, .reduces = false});
    std::set<std::string> together;
    for (const std::size_t number : {1U, 2U, 3U})
      together.merge(search(scripts, {.preemptions_max = 2, .shard = {number, 3}}).outcomes);
    EXPECT_EQ(together, whole.outcomes);
  }
}

TEST(Reduction, SearchThatIsContinuedRunsWhatIsLeft) {
  Programs programs;
  for (std::size_t drawn = 0; drawn < 20; ++drawn) {
    const auto scripts = programs.draw(2, 5);
    const Searched whole = search(scripts, {.preemptions_max = 2});
    for (const std::size_t stops_after : {1U, 4U, 9U}) {
      const Searched continued = search(scripts, {.preemptions_max = 2}, stops_after);
      EXPECT_EQ(continued.runs, whole.runs);
      EXPECT_EQ(continued.outcomes, whole.outcomes);
    }
  }
}

}  // namespace
}  // namespace gauntlet::explore
