// Every replica ends, in time, with a code that means success or "another one did it".
#include "harness/oracle/difference.h"
#include "harness/oracle/endings.h"
#include "harness/oracle/judges.h"
#include "harness/oracle/unrecorded.h"
#include "harness/oracle/waits.h"

#include <algorithm>
#include <cctype>
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

std::string with_numbers_masked(std::string_view text) {
  std::string masked;
  for (const char c : text) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (digit && !masked.empty() && masked.back() == '0') continue;
    masked += digit ? '0' : c;
  }
  return masked;
}

void add(std::vector<Failure>& failures, std::size_t replica, const Event& end,
         const core::History& history) {
  const std::string ending = ending_of(end);
  const std::string said = last_lines(history, replica);
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
  return {
      .id = "replica-failed",
      .message = std::move(message),
      .fix = replicas == 1
                 ? "nobody was beside it: see what it says; if this code means success, name it "
                   "with --success-codes"
                 : "make the runner wait for the one that applies, or succeed when nothing is "
                   "left to do; if this code means that, name it with --success-codes"};
}

/// Without progress for so long, and held up by another replica: no load explains that.
constexpr std::chrono::seconds blocked_min{10};

core::Judgement judge_killed(const Observation& observation, std::size_t replica,
                             const Event& end) {
  const core::History& history = observation.history;
  const auto ran = running_time(history, replica, end);
  const Wait wait = wait_of(history, replica);
  std::string cause = wait.text.empty() ? std::string() : "; " + wait.text;
  if (observation.applied && !observation.on_disk.empty() && unrecorded(observation).empty())
    cause += "; every file on disk was applied and recorded by then";
  if (wait.is_for_another_replica && ran >= blocked_min)
    return core::judged(
        {{.id = "replicas-block-each-other",
          .message = fmt::format("replica {} of {} had not ended after {:.1f} s{}", replica,
                                 history.replicas, ran.count(), cause),
          .fix = "hold no transaction open while waiting for the lock, and let no statement wait "
                 "for other replicas' transactions while it is held"}});
  if (!observation.patience || ran < *observation.patience) {
    return core::unknown(fmt::format(
        "replica {} was ended by Gauntlet at its deadline after {:.1f} s, too soon to tell stuck "
        "from slow{}",
        replica, ran.count(), cause));
  }
  return core::judged(
      {{.id = "replica-stuck",
        .message = fmt::format("replica {} of {} had not ended after {:.1f} s, where {:.1f} s are "
                               "ten serial runs or more{}",
                               replica, history.replicas, ran.count(),
                               observation.patience->count(), cause),
        .fix = wait.text.empty()
                   ? "bound every wait, and end the process once its work is done"
                   : "bound every wait, and let nobody hold what the others wait for"}});
}

}  // namespace

core::Judgement all_succeed(const Observation& observation) {
  const core::History& history = observation.history;
  if (history.replicas == 0) return core::unknown("no replica was started");
  core::Judgement whole = core::judged({});
  std::vector<Failure> failures;
  for (std::size_t replica = 0; replica < history.replicas; ++replica) {
    const Event* end = history.exit_of(replica);
    if (end == nullptr) {
      core::merge(whole, core::unknown(fmt::format("replica {} was not seen to end", replica)));
    } else if (end->kind == Event::Kind::killed) {
      core::merge(whole, judge_killed(observation, replica, *end));
    } else if (!end->exit_code ||
               std::count(observation.success_codes.begin(), observation.success_codes.end(),
                          *end->exit_code) == 0) {
      add(failures, replica, *end, history);
    }
  }
  std::vector<core::Finding> findings;
  findings.reserve(failures.size());
  for (const Failure& failure : failures) findings.push_back(finding_of(failure, history.replicas));
  core::merge(whole, core::judged(std::move(findings)));
  return whole;
}

}  // namespace gauntlet::oracle
