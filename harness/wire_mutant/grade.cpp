#include "harness/wire_mutant/grade.h"

#include "harness/crash/words.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::wire_mutant {

namespace {

/// `t_pkey` of the server's words about a key that is there already; empty where there were none.
std::string constraint_of(const core::History& history) {
  for (const core::StepRecord& record : history.steps) {
    if (!record.reply || record.reply->sqlstate != "23505") continue;
    const std::string& text = record.reply->message;
    const std::size_t first = text.find('"'), last = text.rfind('"');
    if (first == std::string::npos || last == first) return "a unique key";
    return text.substr(first + 1, last - first - 1);
  }
  return {};
}

std::vector<std::size_t> failed_replicas(const Raced& raced) {
  std::vector<std::size_t> failed;
  for (std::size_t replica = 0; replica < raced.history.replicas; ++replica) {
    const core::Event* end = raced.history.exit_of(replica);
    const bool ok =
        end != nullptr && end->exit_code &&
        std::ranges::find(raced.success_codes, *end->exit_code) != raced.success_codes.end();
    if (!ok) failed.push_back(replica);
  }
  return failed;
}

std::string words_of(const core::History& history, std::size_t replica) {
  const core::Event* end = history.exit_of(replica);
  if (end != nullptr && end->kind == core::Event::Kind::killed)
    return "it was still running when its time was over";
  if (replica >= history.outputs.size()) return {};
  const core::ReplicaOutput& output = history.outputs[replica];
  const std::string said = crash::last_words(output.err);
  return said.empty() ? crash::last_words(output.out) : said;
}

}  // namespace

std::string_view to_string(Grade grade) {
  constexpr std::string_view words[] = {
      "no-lock",    "needed",   "self-checked", "backed-by-constraint",
      "not-needed", "unviable", "unknown"};
  return words[static_cast<std::size_t>(grade)];
}

Graded grade(const Raced& raced) {
  const std::size_t replicas = raced.history.replicas;
  const std::vector<std::size_t> failed = failed_replicas(raced);
  const bool is_wrong = !raced.after.is_complete(raced.files) && !raced.after.differs.empty();
  // Where something is missing and every copy failed, nobody was told that it is there.
  if (is_wrong && (!raced.after.files || failed.size() < replicas)) {
    const std::string& what = raced.after.differs.front().message;
    return {Grade::needed, fmt::format("{} copies: {}", replicas, what.substr(0, what.find('\n'))),
            raced.after.files.has_value()};
  }
  if (const std::string constraint = constraint_of(raced.history); !constraint.empty())
    return {Grade::backed_by_constraint,
            fmt::format("{}: it refused a second record; {} of {} copies failed", constraint,
                        failed.size(), replicas)};
  if (!failed.empty())
    return {Grade::self_checked,
            fmt::format("nothing twice; {} of {} copies stopped: {}", failed.size(), replicas,
                        words_of(raced.history, failed.front()))};
  if (raced.times < 2 && raced.together < 2)
    return {Grade::not_needed,
            fmt::format("exactly once; {} copies never ran one file at the same time", replicas)};
  return {Grade::not_needed,
          fmt::format("exactly once; {} sessions stood at the tracker together", raced.together)};
}

}  // namespace gauntlet::wire_mutant
