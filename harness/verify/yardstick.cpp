#include "harness/verify/yardstick.h"

#include "harness/observe/observe.h"
#include "harness/truth/difference.h"
#include "harness/verify/boot_run.h"
#include "harness/verify/standstill.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

Yardstick::Yardstick(const Context& context, const RaceGround& ground,
                     const fleet::Subject& subject)
    : context_(context),
      ground_(ground),
      subject_(subject),
      files_(files_of(ground.pending, context.options)) {}

bool Yardstick::take(core::Result& result) {
  // The check boot may have run it already, on a database like this one.
  if (ground_.is_empty && context_.learned->run_on_empty) {
    const SerialRun& run = *context_.learned->run_on_empty;
    serial_.push_back(run.left);
    truth::forget_columns(serial_.back(), context_.options.unstable_columns);
    own_tables_ = run.own_tables;
    time_ = run.took;
    return run_alone(result);
  }
  return run_alone(result) && is_held_to_files(result) && run_alone(result);
}

bool Yardstick::run_alone(core::Result& result) {
  tell(fmt::format("serial run {} of 2", serial_.size() + 1));
  const WatchedRun run = run_alone_once();
  const core::History& history = run.history;
  const arena::Address& address = run.database->address();
  time_ = std::max<std::chrono::duration<double>>(
      time_, history.events.back().at - history.events.front().at);
  if (history.standstill) {
    result.judgement = judge_standstill(history, "a single run");
    return false;
  }
  if (!succeeded(history, subject_)) {
    const std::string why = excuse_of(context_, *run.database).value_or("see boot");
    result.judgement = core::unknown(fmt::format("a single run fails: {}; {}, {}", why,
                                                 how_it_ended(history), tail(history.outputs[0])));
    if (context_.options.keep) result.notes.push_back("kept: " + run.database->keep());
    return false;
  }
  if (serial_.empty()) {
    if (!ground_.known.sent) {
      ground_.known.sent =
          run.was_watched ? truth::read_sent(history, files_) : truth::not_watched(files_);
    }
    std::string ignored;
    own_tables_ =
        own_tables(address, observe::applied(address, context_.options.applied_query, ignored),
                   context_.options.applied_query);
  }
  serial_.push_back(look(*run.database));
  return true;
}

/// Watched on the wire, unless it is known already how the runner sends the files.
WatchedRun Yardstick::run_alone_once() const {
  const RunBounds bounds{.patience = run_patience(context_.options)};
  if (!ground_.known.sent) return run_watched(subject_, context_, ground_.make, bounds);
  WatchedRun run{.database = ground_.make(), .was_watched = false};
  run.history = verify::run_alone(subject_, context_, *run.database, bounds);
  return run;
}

bool Yardstick::is_held_to_files(core::Result& result) {
  tell("the files by themselves");
  truth::Known& known = ground_.known;
  truth::Answer answer = hold_to_files(context_, files_, *known.sent, serial_.front(), own_tables_,
                                       ground_.make, known);
  for (std::string& note : answer.notes) result.notes.push_back("a serial run: " + std::move(note));
  if (std::string rows = truth::unjudged_rows(known.rows, files_); !rows.empty())
    result.notes.push_back(std::move(rows));
  for (core::Finding& finding : answer.judgement.findings)
    finding.message = "a serial run: " + finding.message;
  core::merge(result.judgement, answer.judgement);
  return answer.judgement.verdict != core::Verdict::violated;
}

std::set<std::string> Yardstick::made_beside() const {
  if (!ground_.known.sent) return {};
  return verify::made_beside(*ground_.known.sent, files_, own_tables_);
}

core::Judgement Yardstick::ask(std::string_view id, const oracle::Observation& seen) {
  if (context_.drops_judges) return {};
  core::Judgement judgement = oracle::ask(oracle::oracle(id), seen);
  const bool differs = std::ranges::any_of(judgement.findings, [](const core::Finding& finding) {
    return finding.id == "data-differs" || finding.id == "schema-differs";
  });
  if (!differs) return judgement;
  calibrate();
  oracle::Observation again = seen;
  again.serial = serial_;
  return oracle::ask(oracle::oracle(id), again);
}

void Yardstick::calibrate() {
  if (is_calibrated_) return;
  is_calibrated_ = true;
  tell("a serial run at another time");
  const auto database = ground_.make();
  truth::prepare_calibration(*database, began_);
  const core::History history = verify::run_alone(subject_, context_, *database,
                                                  {.patience = run_patience(context_.options)});
  if (succeeded(history, subject_)) serial_.push_back(look(*database));
  if (!ground_.known.sent) return;

  auto by_files = calibrated_by_files(context_, files_, *ground_.known.sent, serial_.front(),
                                      ground_.make, ground_.known);
  if (!by_files) return;
  truth::forget_columns(*by_files, context_.options.unstable_columns);
  serial_.push_back(std::move(*by_files));
}

core::Snapshot Yardstick::look(const arena::Database& database) const {
  core::Snapshot snapshot = observe::snapshot(database.address(), {.is_ours = true});
  truth::forget_columns(snapshot, context_.options.unstable_columns);
  return snapshot;
}

void Yardstick::tell(const std::string& what) const {
  if (context_.progress) context_.progress("replicas: " + what);
}

}  // namespace gauntlet::verify
