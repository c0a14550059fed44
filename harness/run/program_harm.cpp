#include "harness/run/program_harm.h"

#include "harness/sql/advisory_calls.h"
#include "harness/sql/hidden_table.h"
#include "harness/sql/lock_edits.h"

#include <algorithm>
#include <optional>

namespace gauntlet::run {

namespace {

/// The server answers with false: nobody holds the lock in shared mode. Nothing where the text
/// takes a lock, too.
std::optional<std::string> denied_unlock(const std::string& sql) {
  const auto calls = sql::advisory_calls(sql);
  if (calls.empty() || !std::ranges::all_of(calls, &sql::AdvisoryCall::releases)) return {};
  const auto edited = sql::with_shared_advisory_locks(sql);
  return edited ? std::optional(edited->sql) : std::nullopt;
}

}  // namespace

bool ProgramHarm::is_read_to_refuse(const core::Step& step) const {
  return !stage_.tracker_refused_with.empty() && step.kind != core::Step::Kind::prepare &&
         sql::with_table_hidden(step.sql, tracker_).has_value();
}

core::Ruling ProgramHarm::at(const core::Step& step, std::chrono::milliseconds patience) noexcept {
  if (is_read_to_refuse(step)) {
    ++refused_;
    return {.what = core::Ruling::What::refuse,
            .text = "gauntlet refuses to read the tracker",
            .sqlstate = std::string(stage_.tracker_refused_with)};
  }
  if (stage_.unlock_is_false) {
    if (auto denied = denied_unlock(step.sql)) {
      ++denied_;
      return {.what = core::Ruling::What::rewrite, .text = *std::move(denied)};
    }
  }
  return next_.at(step, patience);
}

std::size_t ProgramHarm::unfired() const {
  return (!stage_.tracker_refused_with.empty() && refused_ == 0 ? 1U : 0U) +
         (stage_.unlock_is_false && denied_ == 0 ? 1U : 0U);
}

}  // namespace gauntlet::run
