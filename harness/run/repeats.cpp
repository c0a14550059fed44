#include "harness/run/repeats.h"

#include <fmt/format.h>

namespace gauntlet::run {

void Repeats::add(std::size_t number, Run run) {
  const core::Verdict verdict = run.result.judgement.verdict;
  const core::Verdict worst = worst_.result.judgement.verdict;
  ++counts_[std::string(core::to_string(verdict))];
  seconds_ += run.result.seconds;
  const bool is_first_of_worst = verdict > worst || (verdict == worst && number < worst_number_);
  if (runs_++ > 0 && !is_first_of_worst) return;
  worst_ = std::move(run);
  worst_number_ = number;
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

}  // namespace gauntlet::run
