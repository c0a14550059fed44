// A recorded fleet as figures, and as what each replica did when.
#include "harness/bench/measure.h"
#include "harness/oracle/advisory_locks.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace gauntlet::bench {

namespace {

using core::Event;

constexpr std::size_t words_max = 40, spans_max = 40;

double ms(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1'000; }

std::string beginning_of(const core::Step& step) {
  if (step.kind == core::Step::Kind::wait) return "wait";
  std::string words;
  for (const char character : std::string_view(step.sql).substr(0, 4 * words_max)) {
    const bool blank = static_cast<unsigned char>(character) <= ' ';
    if (blank && (words.empty() || words.back() == ' ')) continue;
    words += blank ? ' ' : character;
    if (words.size() >= words_max) break;
  }
  // Cut between characters of UTF-8.
  while (!words.empty() && (static_cast<unsigned char>(words.back()) & 0x80U) != 0)
    words.pop_back();
  return words;
}

// Those that wait in this process only, and those that nothing is run by, cross to the server, too,
// but no network is paid for the first.
bool is_round_trip(const core::Step& step) { return step.kind != core::Step::Kind::wait; }

class Lanes {
 public:
  explicit Lanes(const core::History& history) : history_(history), lanes_(history.replicas) {
    for (const Event& event : history.events) {
      if (event.kind == Event::Kind::released) {
        released_ = event.at;
        break;
      }
    }
    for (const Event& event : history.events) take(event);
    for (const oracle::Holding& holding : oracle::lock_story(history).holdings) take(holding);
  }

  std::vector<Lane> take() {
    std::ranges::sort(lanes_, {}, &Lane::left_ms);
    return std::move(lanes_);
  }

 private:
  void take(const Event& event) {
    if (event.replica >= lanes_.size() || !core::is_of_a_replica(event)) return;
    Lane& lane = lanes_[event.replica];
    const double at = ms(event.at - released_);
    switch (event.kind) {
      case Event::Kind::asked:
        asked_[event.step.value()] = at;
        return;
      case Event::Kind::answered:
        add(lane, {.from_ms = asked_[event.step.value()],
                   .until_ms = at,
                   .what = beginning_of(history_.steps[event.step.value()].step)});
        return;
      case Event::Kind::opened:
        add(lane, {.from_ms = at, .until_ms = at, .what = "connected"});
        return;
      case Event::Kind::closed:
      case Event::Kind::exited:
      case Event::Kind::killed:
        lane.left_ms = std::max(lane.left_ms, at);
        return;
      default:
        return;
    }
  }

  void take(const oracle::Holding& holding) {
    if (holding.session.replica >= lanes_.size() || holding.is_momentary()) return;
    const auto time_of = [&](std::size_t event) {
      const std::size_t last = history_.events.size() - 1;
      return ms(history_.events[std::min(event, last)].at - released_);
    };
    lanes_[holding.session.replica].held.push_back({.from_ms = time_of(holding.from),
                                                    .until_ms = time_of(holding.until),
                                                    .what = holding.key});
  }

  static void add(Lane& lane, Span span) {
    if (lane.spans.size() < spans_max) lane.spans.push_back(std::move(span));
  }

  const core::History& history_;
  std::chrono::microseconds released_{0};
  std::map<std::size_t, double> asked_ = {};
  std::vector<Lane> lanes_;
};

}  // namespace

Counted counted_of(const core::History& history) {
  Counted counted;
  for (const core::StepRecord& record : history.steps) {
    if (!is_round_trip(record.step)) continue;
    ++counted.round_trips;
    if (record.reply) counted.statements += static_cast<double>(record.reply->statements.size());
  }
  const auto replicas = static_cast<double>(std::max<std::size_t>(history.replicas, 1));
  counted.round_trips /= replicas;
  counted.statements /= replicas;
  counted.lanes = Lanes(history).take();
  return counted;
}

}  // namespace gauntlet::bench
