#include "harness/verify/seen_alone.h"

#include "harness/oracle/effects.h"
#include "harness/oracle/oracle.h"
#include "harness/sql/advisory_calls.h"
#include "harness/sql/statement.h"
#include "harness/sql/which_file.h"
#include "harness/truth/statement_text.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using core::StepRecord;

const oracle::Oracle& standing(std::string_view id) {
  return *std::ranges::find(oracle::standing_oracles(), id, &oracle::Oracle::id);
}

}  // namespace

std::vector<core::Finding> flaws_of_lock(const core::History& alone) {
  const oracle::Observation seen{.history = alone};
  core::Judgement found = oracle::ask(standing("unlocked-before-commit"), seen);
  core::merge(found, oracle::ask(oracle::oracle("unlock-confirmed"), seen));
  for (core::Finding& finding : found.findings)
    finding.message = "a single run: " + finding.message;
  return std::move(found.findings);
}

bool locks_at_the_server(const core::History& alone) {
  return std::ranges::any_of(alone.steps, [](const StepRecord& record) {
    const std::string_view sql = record.step.sql;
    const auto calls = sql::advisory_calls(sql);
    const bool is_advisory = std::ranges::any_of(
        calls, [](const sql::AdvisoryCall& call) { return !call.releases() && !call.shared(); });
    if (is_advisory) return true;
    const std::vector<sql::Statement> statements = sql::statements_of(sql);
    return std::ranges::any_of(statements,
                               [](const sql::Statement& each) { return !each.lock_mode.empty(); });
  });
}

namespace {

/// Reads the steps in order: what was written to a tracker before, and after, the files.
class Records {
 public:
  Records(const core::History& alone, const std::vector<truth::File>& files,
          const std::set<std::string>& trackers)
      : alone_(alone) {
    for (const std::string& table : trackers) trackers_.insert(truth::target_of(table));
    std::vector<sql::Body> bodies;
    bodies.reserve(files.size());
    for (const truth::File& file : files) bodies.push_back({.name = file.name, .sql = file.sql});
    origins_ = sql::origins_of(alone, sql::Bodies(bodies));
  }

  /// The first row that was committed before any file ran; nullopt if records come later, too.
  std::optional<std::string> committed_first() {
    for (std::size_t step = 0; step < alone_.steps.size(); ++step) read(step);
    const bool says_all = saw_file_ && !first_.empty() && !wrote_after_;
    return says_all ? std::optional(first_) : std::nullopt;
  }

 private:
  void read(std::size_t step) {
    const StepRecord& record = alone_.steps[step];
    if (!record.reply || record.step.kind == core::Step::Kind::prepare) return;
    const auto& origins = origins_.at(step);
    if (std::ranges::any_of(origins, [](const auto& origin) { return origin.has_value(); })) {
      saw_file_ = true;
      wrote_after_ = false;
    }
    const std::vector<std::string> writes = oracle::writes_of(record);
    const auto row = std::ranges::find_if(
        writes, [&](const std::string& sql) { return trackers_.contains(truth::target_of(sql)); });
    // A message may hold both, and a transaction is over for all of it at one time.
    if (row != writes.end()) wrote_after_ = true;
    if (row != writes.end() && !saw_file_ && waiting_.empty()) waiting_ = *row;
    if (!waiting_.empty() && !saw_file_ && !record.reply->in_transaction && first_.empty())
      first_ = waiting_;
  }

  const core::History& alone_;
  std::set<std::string> trackers_;  ///< bare names, in lower case
  std::vector<std::vector<std::optional<sql::Origin>>> origins_;
  std::string waiting_, first_;
  bool saw_file_ = false, wrote_after_ = false;
};

}  // namespace

std::vector<core::Finding> flaws_of_records(const core::History& alone,
                                            const std::vector<truth::File>& files,
                                            const std::set<std::string>& trackers) {
  const auto row = Records(alone, files, trackers).committed_first();
  if (!row) return {};
  return {{.id = "recorded-before-applied",
           .message = fmt::format(
               "the runner commits its record before it runs the file, and writes none after it "
               "({}): if the file fails, or the run ends in between, no later run applies it",
               truth::shortened(*row)),
           .fix = "record in the transaction of the file, or after the file"}};
}

}  // namespace gauntlet::verify
