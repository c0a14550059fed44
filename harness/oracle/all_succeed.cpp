// Every replica ends, in time, with a code that means success or "another one did it".
#include "harness/oracle/difference.h"
#include "harness/oracle/judges.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::Event;

// Replicas that ended alike; one finding tells of all of them.
struct Failure {
  std::string key;  // how it ended and what it said, numbers masked: they hold pids and times
  std::string ending, last_lines;
  std::vector<std::string> replicas;
};

constexpr std::size_t last_lines_max = 6;
constexpr std::size_t last_bytes_max = 1000;

// A program that says nothing on stderr has perhaps told its failure on stdout.
std::string last_lines(const core::ReplicaOutput& output) {
  std::string_view text = output.err;
  const auto is_blank = [](std::string_view candidate) {
    return candidate.find_first_not_of(" \t\r\n") == std::string_view::npos;
  };
  if (is_blank(text)) text = output.out;
  if (is_blank(text)) return {};
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  std::size_t start = text.size();
  for (std::size_t lines = 0; lines < last_lines_max && start != 0; ++lines) {
    const std::size_t newline = text.rfind('\n', start - 1);
    start = newline == std::string_view::npos ? 0 : newline;
  }
  text.remove_prefix(text.size() - std::min(text.size() - start, last_bytes_max));
  text.remove_prefix(std::min(text.find_first_not_of("\r\n"), text.size()));
  return std::string(text);
}

std::string with_numbers_masked(std::string_view text) {
  std::string masked;
  for (const char c : text) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (digit && !masked.empty() && masked.back() == '0') continue;
    masked += digit ? '0' : c;
  }
  return masked;
}

std::string ending_of(const Event& end) {
  if (end.signal) return fmt::format("was ended by signal {}", *end.signal);
  if (end.exit_code) return fmt::format("ended with exit {}", *end.exit_code);
  return "ended in a way that was not seen";
}

void add(std::vector<Failure>& failures, std::size_t replica, const Event& end,
         const core::History& history) {
  const std::string ending = ending_of(end);
  const std::string said =
      replica < history.outputs.size() ? last_lines(history.outputs[replica]) : std::string();
  const std::string key = ending + with_numbers_masked(said);
  auto failure = std::find_if(failures.begin(), failures.end(),
                              [&](const Failure& known) { return known.key == key; });
  if (failure == failures.end()) {
    failure = failures.insert(failures.end(), {key, ending, said, {}});
  }
  failure->replicas.push_back(std::to_string(replica));
}

core::Finding finding_of(const Failure& failure, std::size_t replicas) {
  const bool one = failure.replicas.size() == 1;
  std::string message =
      one ? fmt::format("replica {} of {} {}", failure.replicas.front(), replicas, failure.ending)
          : fmt::format("{} of {} replicas {}: replicas {}", failure.replicas.size(), replicas,
                        failure.ending, some_of(failure.replicas, 16));
  if (failure.last_lines.empty()) {
    message += ", and said nothing";
  } else {
    message +=
        fmt::format("; {}said last:\n{}", one ? "it " : "the first of them ", failure.last_lines);
  }
  return {.id = "replica-failed",
          .message = std::move(message),
          .fix =
              "make the runner wait for the one that applies, or succeed when nothing is left to "
              "do; if this code means that, name it with --ok-exit"};
}

// From its release, or its start where it was never held.
std::chrono::duration<double> time_of(const core::History& history, std::size_t replica,
                                      const Event& end) {
  std::chrono::microseconds since{0};
  for (const Event& event : history.events) {
    const bool began = event.kind == Event::Kind::started || event.kind == Event::Kind::released;
    if (event.replica == replica && began) since = event.at;
  }
  return end.at - since;
}

core::Judgement judge_killed(const Observation& observation, std::size_t replica,
                             const Event& end) {
  const auto ran = time_of(observation.history, replica, end);
  if (!observation.patience || ran < *observation.patience) {
    return core::unknown(fmt::format(
        "replica {} was ended at its deadline after {:.1f} s, too soon to tell stuck from slow",
        replica, ran.count()));
  }
  return core::judged(
      {{.id = "replica-stuck",
        .message = fmt::format("replica {} of {} had not ended after {:.1f} s, where {:.1f} s are "
                               "ten serial runs or more",
                               replica, observation.history.replicas, ran.count(),
                               observation.patience->count()),
        .fix = "bound every wait for the lock, and see in pg_stat_activity what it waits for"}});
}

}  // namespace

core::Judgement all_succeed(const Observation& observation) {
  const core::History& history = observation.history;
  if (history.replicas == 0) return core::unknown("no replica was started");
  core::Judgement whole;
  std::vector<Failure> failures;
  for (std::size_t replica = 0; replica < history.replicas; ++replica) {
    const Event* end = history.exit_of(replica);
    if (end == nullptr) {
      core::merge(whole, core::unknown(fmt::format("replica {} was not seen to end", replica)));
    } else if (end->kind == Event::Kind::killed) {
      core::merge(whole, judge_killed(observation, replica, *end));
    } else if (!end->exit_code || std::count(observation.ok_exits.begin(),
                                             observation.ok_exits.end(), *end->exit_code) == 0) {
      add(failures, replica, *end, history);
    }
  }
  std::vector<core::Finding> findings;
  for (const Failure& failure : failures) findings.push_back(finding_of(failure, history.replicas));
  core::merge(whole, core::judged(std::move(findings)));
  return whole;
}

}  // namespace gauntlet::oracle
