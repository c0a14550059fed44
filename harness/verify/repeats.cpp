#include "harness/verify/repeats.h"

#include <fmt/format.h>

namespace gauntlet::verify {

void Repeats::add(Run run) {
  const core::Verdict verdict = run.result.judgement.verdict;
  ++counts_[std::string(core::to_string(verdict))];
  seconds_ += run.result.seconds;
  if (runs_++ == 0 || verdict > worst_.result.judgement.verdict) worst_ = std::move(run);
}

Run Repeats::whole() const {
  Run whole = worst_;
  whole.result.seconds = seconds_;
  if (runs_ < 2) return whole;
  whole.result.repeats = counts_;
  std::string told;
  for (const auto& [verdict, runs] : counts_) {
    told += fmt::format("{}{} {}", told.empty() ? "" : ", ", runs, verdict);
  }
  whole.result.notes.insert(whole.result.notes.begin(), fmt::format("of {} runs: {}", runs_, told));
  return whole;
}

}  // namespace gauntlet::verify
