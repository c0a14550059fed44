// A run that fails names reason, place and remedy, and says so with its exit code.
#include "harness/oracle/endings.h"
#include "harness/oracle/judges.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::Event;

// The code in `error[code]`; empty if there is none.
std::string_view code_in(std::string_view text) {
  constexpr std::string_view opening = "error[";
  const std::size_t start = text.find(opening);
  if (start == std::string_view::npos) return {};
  text.remove_prefix(start + opening.size());
  const std::size_t end = text.find(']');
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

// A line that says something after `label`, whatever stands before it is blank.
bool has_text_after(std::string_view text, std::string_view label) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with(label)) continue;
    line.remove_prefix(label.size());
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) return true;
  }
  return false;
}

std::string lacking_in(std::string_view text) {
  std::string lacking;
  const auto add = [&](std::string_view what) {
    lacking += lacking.empty() ? "" : ", ";
    lacking += what;
  };
  if (code_in(text).empty()) add("no `error[code]`");
  if (!has_text_after(text, "where:")) add("no `where:` line");
  if (!has_text_after(text, "fix:")) add("no `fix:` line");
  return lacking;
}

std::string quoted_end(const core::History& history, std::size_t replica) {
  const std::string said = last_lines(history, replica);
  return said.empty() ? "; it said nothing" : "; it said last:\n" + said;
}

core::Finding unclear(const core::History& history, std::size_t replica, const std::string& lacks) {
  return {.id = "error-unclear",
          .message = fmt::format("replica {} {}, and its error has {}; whoever is woken by it must "
                                 "guess what failed and what to do{}",
                                 replica, ending_of(*history.exit_of(replica)), lacks,
                                 quoted_end(history, replica)),
          .fix = "name reason, file and remedy on standard error: error[code], where:, fix:"};
}

core::Finding swallowed(const core::History& history, const std::string& expected) {
  return {.id = "error-swallowed",
          .message = fmt::format("all {} replicas report success where {} was to fail them; the "
                                 "deploy goes on over a database that is not migrated",
                                 history.replicas, expected.empty() ? "an error" : expected),
          .fix = "exit non-zero whenever something was not applied"};
}

core::Finding other(const core::History& history, std::size_t replica,
                    const std::string& expected) {
  return {.id = "error-misleads",
          .message = fmt::format("no failing replica names error[{}]; an operator goes after the "
                                 "wrong cause; replica {} {}{}",
                                 expected, replica, ending_of(*history.exit_of(replica)),
                                 quoted_end(history, replica)),
          .fix = "tell this failure from others, and give it its own code"};
}

}  // namespace

core::Judgement clear_error(const Observation& observation) {
  if (!observation.expected_error) return core::unknown("no failure was expected of this run");
  const core::History& history = observation.history;
  if (history.replicas == 0) return core::unknown("no replica was started");
  const std::string& expected = *observation.expected_error;
  core::Judgement whole = core::judged({});
  std::vector<core::Finding> findings;
  std::optional<std::size_t> first_failed;
  bool named = false;
  for (std::size_t replica = 0; replica < history.replicas; ++replica) {
    const Event* end = history.exit_of(replica);
    if (end == nullptr || end->kind == Event::Kind::killed) {
      core::merge(whole,
                  core::unknown(fmt::format("replica {} was not seen to end by itself", replica)));
      continue;
    }
    if (end->exit_code == 0) continue;
    if (!first_failed) first_failed = replica;
    const std::string_view said =
        replica < history.outputs.size() ? history.outputs[replica].err : std::string_view();
    named = named || expected.empty() ||
            said.find(fmt::format("error[{}]", expected)) != std::string_view::npos;
    if (const std::string lacks = lacking_in(said); !lacks.empty()) {
      findings.push_back(unclear(history, replica, lacks));
    }
  }
  const bool all_ended = whole.verdict == core::Verdict::holds;
  if (!first_failed && all_ended) findings.push_back(swallowed(history, expected));
  if (first_failed && !named && all_ended) {
    findings.push_back(other(history, *first_failed, expected));
  }
  core::merge(whole, core::judged(std::move(findings)));
  return whole;
}

}  // namespace gauntlet::oracle
