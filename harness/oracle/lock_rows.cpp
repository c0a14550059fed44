#include "harness/oracle/lock_rows.h"

#include "runner/sql/lexer.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

constexpr std::array<std::string_view, 6> about_ends = {
    "replica-failed", "replica-stuck", "nobody-succeeded",
    "apply-failed",   "never-exits",   "replicas-block-each-other"};

std::string_view bare(std::string_view table) { return table.substr(table.rfind('.') + 1); }

bool any_was_ended(const core::History& history) {
  return std::ranges::any_of(history.events, [](const core::Event& event) {
    return event.kind == core::Event::Kind::killed;
  });
}

/// Did the replicas say or send something about this table, or speak of a lock?
bool speaks_of(const core::History& history, const core::LockRow& row) {
  const std::string table = runner::lower(bare(row.table));
  const auto names_it = [&](const std::string& text) {
    return runner::lower(text).find(table) != std::string::npos;
  };
  const auto speaks = [&](const core::ReplicaOutput& output) {
    const std::string said = runner::lower(output.err) + runner::lower(output.out);
    return said.find("lock") != std::string::npos || names_it(said);
  };
  return std::ranges::any_of(history.outputs, speaks) ||
         std::ranges::any_of(history.steps,
                             [&](const auto& record) { return names_it(record.step.sql); }) ||
         std::ranges::any_of(history.waits,
                             [&](const auto& wait) { return names_it(wait.statement); });
}

const core::LockRow* cause_in(const Observation& observation) {
  const core::History& history = observation.history;
  const auto found = std::ranges::find_if(
      observation.lock_rows, [&](const core::LockRow& row) { return speaks_of(history, row); });
  if (found != observation.lock_rows.end()) return &*found;
  const bool nothing_is_known = history.steps.empty() && any_was_ended(history);
  return nothing_is_known && !observation.lock_rows.empty() ? &observation.lock_rows.front()
                                                            : nullptr;
}

std::string described(const core::LockRow& row) {
  return fmt::format("{} holds the lock row {}{}, whose holder is not here", row.table, row.row,
                     row.since.empty() ? "" : " since " + row.since);
}

}  // namespace

std::string lock_row_cause(const Observation& observation) {
  const core::LockRow* row = cause_in(observation);
  return row == nullptr ? std::string() : described(*row);
}

void name_lock_rows(core::Judgement& judgement, const Observation& observation) {
  const core::LockRow* row = cause_in(observation);
  if (row == nullptr) return;
  for (core::Finding& finding : judgement.findings) {
    if (std::ranges::find(about_ends, finding.id) == about_ends.end()) continue;
    finding.message += "; " + described(*row);
    finding.fix = fmt::format(
        "if no runner is at work there, take the row out: {}; and lock with something that ends "
        "with its holder, as an advisory lock, or give the row a time after which it is void",
        row->removal);
  }
}

}  // namespace gauntlet::oracle
