#include "harness/schedule/explorer.h"

#include "harness/explore/replay.h"
#include "harness/run/stage_ground.h"
#include "harness/schedule/thread_run.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::schedule {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Of one replica alone, and of the real time that a client may wait in a schedule.
constexpr milliseconds patience{60'000};
/// A schedule that waits so long for its replicas to start has them started earlier.
constexpr milliseconds waited_too_long{10};

run::Serial serial_of(const Trial& trial, const run::Program* program, arena::Arena& arena) {
  run::Serial serial =
      run::run_serially(trial.scenario, program, arena, {.patience = patience, .lock_key = 0});
  for (std::string why : {serial.applied_nothing, serial.failure}) {
    constexpr std::string_view said_before = "error[no-serial-run]: ";
    if (why.starts_with(said_before)) why.erase(0, said_before.size());
    if (!why.empty()) throw runner::Error("no-serial-run", why);
  }
  return serial;
}

runner::RunOptions options_of(const scenario::Stage& stage) {
  runner::RunOptions options{.lock = stage.lock,
                             .lock_wait_max = patience,
                             .no_transaction = runner::NoTransaction::directive,
                             .session_patience = patience};
  for (const scenario::HookSql& hook : stage.hooks)
    options.hooks[{hook.version}] = [sql = std::string(hook.sql)](runner::Session& session) {
      session.send(sql);
    };
  return options;
}

/// Lets everything go on in its own order.
class Straight : public explore::Strategy {
 public:
  bool begin() override { return true; }
  std::size_t choose(const explore::Point& point) override {
    return explore::default_option(point);
  }
  void end(const explore::Moments&) override {}
};

/// Two statements that collide, whichever of them comes first.
std::string pair_of(const explore::Option& option) {
  const auto [less, more] = std::minmax(option.fingerprint, option.beside->fingerprint);
  return fmt::format("{:x} {:x} {}", less, more, option.beside->on.name);
}

void count_overlaps(const explore::Moments& moments, SearchResult& result) {
  for (const explore::Moment& moment : moments) {
    for (const explore::Option& option : moment.point.options)
      if (option.beside) result.pairs[pair_of(option)];
    if (moment.option().beside) {
      SearchResult::Pair& pair = result.pairs[pair_of(moment.option())];
      pair.tried = true;
      pair.overlapped = pair.overlapped || moment.met == explore::Met::inside;
      pair.ordered =
          pair.ordered || moment.met == explore::Met::ordered || moment.met == explore::Met::apart;
    }
  }
}

/// Why a run may have gone on by itself; empty if nothing shows it.
std::string cause_of_divergence(const core::History& history) {
  constexpr const char* lock_timeout_expired = "55P03";
  const bool expired = std::ranges::any_of(history.steps, [](const core::StepRecord& step) {
    return step.reply && step.reply->sqlstate == lock_timeout_expired;
  });
  return expired ? " (the runner's lock_timeout expired in this run: the server decides when)" : "";
}

}  // namespace

std::string ExploredSubject::name() const {
  if (program != nullptr) return program->subject.name;
  return mutant == nullptr ? "gauntlet-migrate" : std::string(mutant->name);
}

Explorer::Explorer(const Trial& trial, const ExploredSubject& subject, arena::Arena& arena)
    : trial_(trial),
      subject_(subject),
      database_(arena),
      serial_(run_serially(arena)),
      judge_(trial_, subject.program, serial_, database_) {}

// Meanwhile the programs of the first schedule start.
run::Serial Explorer::run_serially(arena::Arena& arena) {
  for (const scenario::Stage& stage : trial_.scenario.stages)
    for (const scenario::File& file : stage.files) database_.footprints().learn(file.sql);
  if (subject_.program != nullptr)
    started_.push_back(start_programs(trial_.index(), trial_.calls.size()));
  return serial_of(trial_, subject_.program, arena);
}

// The stages before the explored one, each by one replica alone. Its sessions are those of the
// schedules: a connection that closes releases its lock at a time of the server's own.
void Explorer::prepare() {
  for (std::size_t at = 0; at < trial_.index(); ++at) {
    run::prepare(trial_.scenario.stages[at], database_.address());
    run_alone(at);
  }
  run::prepare(trial_.stage(), database_.address());
  if (!std::exchange(is_prepared_, true)) judge_.look_before();
}

void Explorer::run_alone(std::size_t at) {
  const scenario::Stage& stage = trial_.scenario.stages[at];
  std::vector<scenario::Call> kinds{stage.call};
  if (!stage.table.empty()) kinds.front().table = stage.table;
  for (const scenario::Beside& beside : stage.beside) kinds.push_back(beside.call);
  for (const scenario::Call& call : kinds) {
    Straight straight;
    const ScheduleSeen seen = run_stage(at, {call}, straight, nullptr);
    const core::Event* end = seen.history.exit_of(0);
    if (end != nullptr && end->exit_code == 0) continue;
    throw runner::Error("no-serial-run", fmt::format("the stage `{}` fails alone: {}", stage.name,
                                                     seen.history.outputs.front().err));
  }
}

ScheduleSeen Explorer::run_stage(std::size_t at, std::vector<scenario::Call> calls,
                                 explore::Strategy& strategy, const mutant::Mutant* mutant) {
  if (subject_.program != nullptr) return run_programs(at, calls.size(), strategy);
  const scenario::Stage& stage = trial_.scenario.stages[at];
  return run_schedule(
      ThreadReplicas{.stage = stage,
                     .calls = std::move(calls),
                     .listing = trial_.folders[at].listing,
                     .mutant = mutant,
                     .options = options_of(stage),
                     .offers_faults = trial_.faults && at == trial_.index() && !is_rerun_,
                     .holds_overlaps = holds_overlaps_},
      database_, strategy);
}

// A project may hold the database's address, so it is made again when another database is used.
ScheduleSeen Explorer::run_programs(std::size_t at, std::size_t replicas,
                                    explore::Strategy& strategy) {
  if (at != trial_.index()) return start_programs(at, replicas)->run(strategy);
  while (!started_.empty() && !started_.front()->are_fresh()) {
    started_.pop_front();
    ahead_ -= std::min<std::size_t>(ahead_, 1);
    ahead_max_ = ahead_;
  }
  if (started_.empty()) started_.push_back(start_programs(at, replicas));
  const std::unique_ptr<StartedPrograms> first = std::move(started_.front());
  started_.pop_front();
  while (starts_ahead_ && started_.size() < ahead_)
    started_.push_back(start_programs(at, replicas));
  ScheduleSeen seen = first->run(strategy);
  if (first->waited() > waited_too_long && ahead_ < ahead_max_) ++ahead_;
  // What ended the run's sessions ended theirs, too.
  if (!seen.undecided.empty()) started_.clear();
  return seen;
}

std::unique_ptr<StartedPrograms> Explorer::start_programs(std::size_t at, std::size_t replicas) {
  if (projects_for_ != database_.fresh_databases()) projects_.clear();
  projects_for_ = database_.fresh_databases();
  projects_.resize(trial_.scenario.stages.size());
  if (!projects_[at])
    projects_[at] = std::make_unique<run::NeutralFolder>(
        trial_.folders[at].files, *subject_.program, database_.database().loopback());
  fleet::Subject subject = subject_.program->subject;
  const std::string_view table = trial_.scenario.stages[at].table;
  if (subject_.program->told == run::Program::Told::key_and_table && !table.empty())
    subject.command.insert(subject.command.end(), {"--table", std::string(table)});
  return std::make_unique<StartedPrograms>(ProgramReplicas{.subject = subject,
                                                           .project = projects_[at]->path(),
                                                           .replicas = replicas,
                                                           .holds_overlaps = holds_overlaps_},
                                           database_);
}

Ran Explorer::run(explore::Strategy& strategy) {
  database_.reset([this] { started_.clear(); });
  prepare();
  Ran ran;
  ran.seen = run_stage(trial_.index(), trial_.calls, strategy, subject_.mutant);
  database_.overlaps().clean();
  const auto harmed = explore::harmed_in(ran.seen.moments);
  if (strategy.counts())
    ran.judged = harmed ? judge_after_harm(ran.seen, *harmed) : judge_.judge(ran.seen);
  strategy.end(ran.seen.moments);
  if (ran.seen.divergence.empty()) ran.seen.divergence = strategy.divergence();
  return ran;
}

// What a deploy tool does: it starts another replica, which must bring the work to its end.
Judged Explorer::judge_after_harm(const ScheduleSeen& seen, std::size_t harmed) {
  if (!seen.undecided.empty()) return judge_.judge(seen);
  is_rerun_ = true;
  Straight straight;
  const ScheduleSeen rerun =
      run_stage(trial_.index(), {trial_.calls.at(harmed)}, straight, subject_.mutant);
  is_rerun_ = false;
  return judge_.judge_after_harm(seen, harmed, rerun);
}

std::string Explorer::difference_between_two_runs() {
  Straight straight;
  explore::Replay again(explore::steps_of(run(straight).seen.moments), 1);
  again.begin();
  return run(again).seen.divergence;
}

SearchResult Explorer::search(explore::Strategy& strategy, const SearchLimits& limits,
                              SearchResult so_far) {
  SearchResult result = std::move(so_far);
  const std::size_t schedules_before = result.schedules;
  const auto seconds_before = result.seconds;
  const auto start = steady_clock::now();
  const auto is_over = [&] {
    if (limits.is_interrupted && limits.is_interrupted()) {
      result.end = SearchResult::End::interrupted;
    } else if ((limits.schedules_max > 0 &&
                result.schedules - schedules_before >= limits.schedules_max) ||
               (limits.time && steady_clock::now() - start > *limits.time)) {
      result.end = SearchResult::End::limit;
    } else {
      return false;
    }
    return true;
  };
  start_ahead(true);
  while (!is_over() && strategy.begin()) {
    Ran ran = run(strategy);
    if (!strategy.counts()) continue;
    ++result.schedules;
    count_overlaps(ran.seen.moments, result);
    if (!ran.seen.divergence.empty() && ++result.diverged == 1)
      result.first_divergence = ran.seen.divergence + cause_of_divergence(ran.seen.history);
    if (ran.judged.judgement.verdict == core::Verdict::unknown) {
      ++result.undecided;
      if (result.first_undecided.empty()) result.first_undecided = ran.judged.judgement.reason;
    }
    result.seconds = seconds_before + (steady_clock::now() - start);
    if (!ran.judged.screen.empty()) result.outcomes.insert(ran.judged.screen);
    if (!ran.is_violated()) {
      if (limits.progress) limits.progress(result);
      continue;
    }
    result.violation = std::move(ran);
    result.end = SearchResult::End::violated;
    break;
  }
  start_ahead(false);
  return result;
}

}  // namespace gauntlet::schedule
