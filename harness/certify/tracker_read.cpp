#include "harness/certify/tracker_read.h"

#include "harness/certify/small_project.h"
#include "harness/crash/clean.h"
#include "harness/fleet/wire_fleet.h"
#include "harness/wire_mutant/changes.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include <fmt/format.h>

namespace gauntlet::certify {

namespace {

using Weight = Grade::Weight;

constexpr std::string_view read_errors[] = {"57014", "08006", "26000", "42501"};
constexpr std::chrono::milliseconds read_patience_min{12'000};

/// Refuses whatever reads the tracker. at() belongs to the proxy's thread, the rest to any.
class RefusesReads : public gate::Gate {
 public:
  RefusesReads(std::string tracker, std::string_view sqlstate)
      : tracker_(std::move(tracker)), sqlstate_(sqlstate) {}

  core::Ruling at(const core::Step& step, std::chrono::milliseconds) noexcept override {
    if (step.kind == core::Step::Kind::prepare) return {};
    if (!wire_mutant::with_tracker_hidden(step.sql, tracker_)) return {};
    ++refused_;
    return {.what = core::Ruling::What::refuse,
            .text = "gauntlet refuses to read the tracker",
            .sqlstate = sqlstate_};
  }
  void after(const core::Step&, const core::Reply&) noexcept override {}
  std::size_t refused() const { return refused_; }

 private:
  const std::string tracker_, sqlstate_;
  std::atomic<std::size_t> refused_{0};
};

Grade tracker_grade(std::string_view sqlstate, std::string grade, Weight weight, std::string why) {
  return {.area = Area::tracker,
          .what = std::string(sqlstate),
          .grade = std::move(grade),
          .why = std::move(why),
          .weight = weight};
}

}  // namespace

Grade grade_of(std::string_view sqlstate, const TrackerReadRun& run) {
  if (run.refused == 0)
    return tracker_grade(sqlstate, "not-asked", Weight::not_asked,
                         "no read of its tracker was recognised");
  if (!run.after.is_complete(run.files))
    return tracker_grade(
        sqlstate, "applied-twice", Weight::harm,
        fmt::format("a tracker that cannot be read is treated as a missing one: {}",
                    run.after.differs.empty() ? "" : run.after.differs.front().message));
  if (run.by_key)
    return tracker_grade(sqlstate, "backed-by-constraint", Weight::wish,
                         "a tracker that cannot be read is treated as a missing one; only a "
                         "unique key keeps what is applied from being applied again");
  if (!run.ended)
    return tracker_grade(sqlstate, "unknown", Weight::undecided,
                         "it was still running when its time was over");
  if (run.ok)
    return tracker_grade(sqlstate, "swallowed", Weight::wish,
                         "it ends with success, although it could not read its tracker");
  return tracker_grade(sqlstate, "told", Weight::fine, "it stops and says: " + run.said);
}

std::vector<Grade> grade_tracker_reads(const fleet::SubjectFile& subject,
                                       const std::string& applied_query, arena::Arena& arena,
                                       const std::function<void(std::string_view)>& progress) {
  crash::Clean clean(
      {.subject = subject, .applied_query = applied_query, .files = crash::Clean::Files::data_only},
      arena, progress);
  std::string tracker = clean.tracker_table;
  if (clean.tracker.clean && applied_query.empty()) tracker = clean.tracker.clean->tracker;
  const auto patience = std::max(read_patience_min, 10 * clean.took);
  std::vector<Grade> grades;
  for (const std::string_view sqlstate : read_errors) {
    progress(fmt::format("its tracker cannot be read: {}", sqlstate));
    const auto database = arena.fresh("tracker");
    fleet::run_once(subject.subject, *database, clean.migrations, patience);
    RefusesReads refuses(tracker, sqlstate);
    gate::AtOnce gate(refuses);
    gate::Recorder recorder(1);
    {
      fleet::WireFleet fleet({&subject.subject}, *database, clean.migrations, gate, recorder,
                             {.start = fleet::ProcessFleet::Start::at_once});
      fleet.finish_within(patience);
    }
    const core::History history = recorder.history();
    const core::Event* end = history.exit_of(0);
    TrackerReadRun run{.refused = refuses.refused(), .files = clean.files.size()};
    run.ended = end != nullptr && end->exit_code.has_value();
    run.ok = run.ended && std::ranges::find(subject.subject.success_codes, *end->exit_code) !=
                              subject.subject.success_codes.end();
    run.by_key = std::ranges::any_of(history.steps, [](const core::StepRecord& record) {
      return record.reply && record.reply->sqlstate == "23505";
    });
    run.after = clean.prefixes->place(database->address());
    run.said = SmallProject::said(history);
    grades.push_back(grade_of(sqlstate, run));
  }
  return grades;
}

}  // namespace gauntlet::certify
