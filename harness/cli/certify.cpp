// `gauntlet certify`: a runner judged on our own migrations, and the files that are kept of it.
#include "harness/certify/drift.h"
#include "harness/certify/executables.h"
#include "harness/certify/grades.h"
#include "harness/certify/lock_file.h"
#include "harness/certify/long_reader.h"
#include "harness/certify/promises.h"
#include "harness/certify/tracker_read.h"
#include "harness/cli/certificate_line.h"
#include "harness/cli/commands.h"
#include "harness/cli/crash_cells.h"
#include "harness/cli/deliver.h"
#include "harness/cli/ground.h"
#include "harness/cli/live_line.h"
#include "harness/cli/output.h"
#include "harness/cli/subject_choice.h"
#include "harness/crash/sweep.h"
#include "harness/process/process.h"
#include "harness/wire_mutant/race.h"
#include "runner/values/error.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <optional>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace gauntlet::cli {
namespace {

using certify::Area;

NamedRunner certified_runner(const CertifyCommand& command) {
  return {.runner = command.runner,
          .subject_file = command.subject_file,
          .format = command.format,
          .success_codes = command.success_codes,
          .timeout = command.how.timeout};
}

/// The first line of what the subject file's `version` prints; empty without one.
std::string version_of(const fleet::SubjectFile& file, const std::string& runner) {
  constexpr std::chrono::seconds version_patience{30};
  std::vector<std::string> command = file.version;
  if (command.empty() && runner.empty())
    command = {file.subject.command.front(), "--version"};  // gauntlet-migrate
  if (command.empty()) return {};
  const process::Finished done = process::run({.argv = command,
                                               .environment = file.subject.environment,
                                               .directory = file.subject.directory},
                                              version_patience);
  const std::string said = done.out.empty() ? done.err : done.out;
  return said.substr(0, said.find('\n'));
}

class Certifying {
 public:
  explicit Certifying(const CertifyCommand& command)
      : command_(command),
        line_(STDERR_FILENO, screen_of(STDERR_FILENO)),
        subject_(subject_file_of(certified_runner(command))) {}

  certify::Certificate run() {
    // A promise that is not known is told before minutes have passed.
    certify::judge_promises(subject_.promises, {});
    certify::Certificate certificate{
        .runner = subject_.subject.name,
        .version = version_of(subject_, command_.runner + command_.subject_file),
        .executables = certify::executables_of(subject_.subject),
        .date = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::to_time_t(
                                               std::chrono::system_clock::now()))),
        .gauntlet = GAUNTLET_VERSION};
    line_.show("starting the server");
    const Ground ground(command_.how);
    facts_ = ground.facts();
    if (facts_) certificate.server = core::server_name(*facts_);
    const auto show = [this](std::string_view doing) { line_.show(doing); };
    race(ground);
    if (is_wanted(Area::crash)) timed(Area::crash, [&] { sweep(ground); });
    if (is_wanted(Area::drift))
      timed(Area::drift, [&] { add(certify::grade_drift(subject_, ground.arena(), show)); });
    if (is_wanted(Area::tracker))
      timed(Area::tracker, [&] {
        add(certify::grade_tracker_reads(subject_, applied_query(), ground.arena(), show));
      });
    if (is_wanted(Area::reader))
      timed(Area::reader,
            [&] { add({certify::grade_long_reader(subject_, ground.arena(), show)}); });
    std::ranges::stable_sort(grades_, {}, &certify::Grade::area);
    certificate.grades = std::move(grades_);
    certificate.promises = certify::judge_promises(subject_.promises, certificate.grades);
    return certificate;
  }

  const std::optional<core::ServerFacts>& facts() const { return facts_; }

  /// Lock, replicas and pooler are asked together: the first of them has the time.
  void add_times(core::Report& report) const {
    for (core::Result& result : report.results)
      for (const auto& [area, took] : took_)
        if (result.id == fmt::format("certify/{}", to_string(area))) result.seconds = took;
  }

 private:
  using clock = std::chrono::steady_clock;

  void timed(Area area, const std::function<void()>& grade) {
    const auto begin = clock::now();
    grade();
    took_[area] = clock::now() - begin;
  }

  bool is_wanted(Area area) const {
    return command_.areas.empty() ||
           std::ranges::find(command_.areas, to_string(area)) != command_.areas.end();
  }

  const std::string& applied_query() const {
    return applied_query_of(subject_, command_.applied_query);
  }

  void add(std::vector<certify::Grade> grades) {
    std::ranges::move(grades, std::back_inserter(grades_));
  }

  std::string replay(std::string_view command) const {
    return fmt::format("gauntlet {}{}{}", command,
                       named_again(certified_runner(command_), command_.applied_query),
                       replayed_flags(command_.how));
  }

  /// Lock, replicas and pooler are races over the same files.
  void race(const Ground& ground) {
    const wire_mutant::RaceAsked asked{.subject = subject_,
                                       .applied_query = applied_query(),
                                       .mutants = is_wanted(Area::lock),
                                       .as_it_is = is_wanted(Area::replicas),
                                       .pooler = is_wanted(Area::pooler)};
    if (!asked.mutants && !asked.as_it_is && !asked.pooler) return;
    wire_mutant::RunnerGrades raced;
    const Area first = asked.mutants ? Area::lock : asked.as_it_is ? Area::replicas : Area::pooler;
    timed(first, [&] {
      raced = wire_mutant::grade_runner(asked, ground.arena(),
                                        [this](std::string_view doing) { line_.show(doing); });
    });
    std::vector<certify::Grade> grades = certify::lock_grades(raced);
    for (certify::Grade& grade : grades) grade.replay = replay("mutants");
    add(std::move(grades));
    if (raced.as_it_is) {
      certify::Grade grade = certify::race_grade(Area::replicas, "together", *raced.as_it_is);
      grade.replay = replay("certify") + " --areas replicas";
      add({std::move(grade)});
    }
    for (const auto& [what, graded] : {std::pair{"together", raced.behind_pooler},
                                       std::pair{"other-session", raced.on_other_sessions}}) {
      if (!graded) continue;
      certify::Grade grade = certify::race_grade(Area::pooler, what, *graded);
      grade.replay = replay("certify") + " --areas pooler";
      add({std::move(grade)});
    }
  }

  void sweep(const Ground& ground) {
    const crash::Sweep sweep({.subject = subject_,
                              .format = subject_.format.empty() ? "gauntlet" : subject_.format,
                              .applied_query = applied_query(),
                              .patience = command_.how.timeout,
                              .harms = command_.harms},
                             ground.arena(), [this](std::string_view doing) { line_.show(doing); });
    std::vector<certify::CrashCell> cells;
    for (const crash::CellResult& result :
         run_cells(sweep, ground, command_.how.jobs.value_or(crash_jobs), line_)) {
      const crash::Point& point = sweep.points()[result.cell.point];
      const std::string& harm = sweep.harms()[result.cell.harm].id;
      cells.push_back({.judged = result.judged,
                       .outside_transaction = point.outside_transaction,
                       .name = fmt::format("{} at {}", harm, point.label),
                       .replay = fmt::format("{} --only {}:{}", replay("crash"), point.id, harm)});
    }
    std::vector<certify::Grade> grades = certify::crash_grades(cells);
    if (!command_.harms.empty())
      for (certify::Grade& grade : grades)
        grade.why += fmt::format("; of the harms only {}", fmt::join(command_.harms, ", "));
    add(std::move(grades));
  }

  const CertifyCommand& command_;
  LiveLine line_;
  const fleet::SubjectFile subject_;
  std::vector<certify::Grade> grades_ = {};
  std::optional<core::ServerFacts> facts_ = {};
  std::map<Area, std::chrono::duration<double>> took_ = {};
};

}  // namespace

int certify_runner(const CertifyCommand& command) {
  const std::uint64_t seed = command.how.seed.value_or(draw_seed());
  const Outcome outcome = outcome_of("certify", seed, [&] {
    Certifying certifying(command);
    const certify::Certificate certificate = certifying.run();
    std::filesystem::path folder = command.folder;
    if (folder.empty()) folder = certificate_folder(command.subject_file);
    const auto json = folder / certify::lock_file_name, page = folder / certify::markdown_file_name;
    write_file(json, certify::lock_file(certificate), Form::json);
    write_file(page, certify::markdown(certificate));
    core::Report report = certify::report_of(certificate, seed);
    report.server = certifying.facts();
    certifying.add_times(report);
    if (!report.results.empty())
      report.results.front().notes.push_back(
          fmt::format("written: {} and {}", json.string(), page.string()));
    return report;
  });
  return deliver(outcome, command.how.outputs, {});
}

}  // namespace gauntlet::cli
