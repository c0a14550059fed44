// A command that only reads wrote nothing and waited for nobody.
#include "harness/oracle/effects.h"
#include "harness/oracle/judges.h"
#include "harness/oracle/unchanged.h"
#include "harness/sql/text.h"

#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

constexpr const char* fix =
    "let commands that look only SELECT, from what is there: neither create the tracker nor take "
    "the lock";

core::Finding wrote(const core::History& history, const core::StepRecord& record,
                    const std::string& statement) {
  return {.id = "read-only-wrote",
          .message = fmt::format("{} did {} in a command that is to read only; a probe that runs "
                                 "every few seconds, or with a role that may only read, must be "
                                 "able to ask",
                                 name_of(history, record.step.session), sql::one_line(statement)),
          .fix = fix};
}

core::Finding waited(const core::History& history, const core::StepRecord& record) {
  const bool in_server = record.step.kind != core::Step::Kind::wait;
  return {
      .id = "read-only-waited",
      .message = fmt::format("{} waited {} in a command that is to read only; a readiness "
                             "probe then hangs for as long as a migration runs",
                             name_of(history, record.step.session),
                             in_server ? "in " + sql::one_line(sent(record)) : "to be notified"),
      .fix = fix};
}

}  // namespace

core::Judgement nothing_written(const Observation& observation) {
  core::Judgement whole =
      unchanged(observation, {.id = "read-only-wrote",
                              .who = "a command that is to read only",
                              .why = "; whoever asks for the state must be able to ask at any time",
                              .fix = fix});
  std::vector<core::Finding> findings;
  for (const core::StepRecord& record : observation.history.steps) {
    if (const auto statement = first_write(record)) {
      findings.push_back(wrote(observation.history, record, *statement));
    }
    if (waits(record)) findings.push_back(waited(observation.history, record));
  }
  core::merge(whole, core::judged(std::move(findings)));
  return whole;
}

}  // namespace gauntlet::oracle
