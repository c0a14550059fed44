#include "harness/run/program_stage.h"

#include "harness/arena/connection.h"
#include "harness/fleet/staggered.h"
#include "harness/fleet/wire_fleet.h"
#include "harness/gate/gates.h"
#include "harness/gate/on_threads.h"
#include "harness/observe/observe.h"
#include "harness/oracle/endings.h"
#include "harness/oracle/oracle.h"
#include "harness/run/asked.h"
#include "harness/run/body.h"
#include "harness/run/call.h"
#include "harness/run/neutral_folder.h"
#include "harness/run/program_harm.h"
#include "harness/run/seen_locks.h"
#include "harness/run/stage_gates.h"
#include "harness/run/table_waits.h"
#include "harness/sql/advisory_calls.h"
#include "harness/sql/statement.h"
#include "runner/values/error.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using core::Event;
using scenario::ForeignLock;
using scenario::Stage;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds stagger_max{500}, leftovers_patience{2'000}, look_interval{10},
    table_look_interval{50};
/// What all copies are given to come to the gate: a program may take its time before it asks.
constexpr milliseconds gathering_max{30'000};

/// `down` undoes one migration: the command runs so often in a row.
std::vector<std::string> repeated(const std::vector<std::string>& command, std::int64_t times) {
  if (times == 1) return command;
  std::vector<std::string> made = {
      "sh", "-c", R"(n=$0; while [ "$n" -gt 0 ]; do "$@" || exit; n=$((n - 1)); done)",
      std::to_string(times)};
  made.insert(made.end(), command.begin(), command.end());
  return made;
}

/// The files that a call knows of, as its project.
NeutralFolder folder_for(const scenario::Call& call, const Folder& folder, const Program& program,
                         const arena::Database& database) {
  const bool knows_all = call.knows_up_to == 0;
  return {knows_all ? folder.files : files_of(known_to(call, folder.listing)), program,
          database.loopback()};
}

Folder folder_of(const std::vector<scenario::File>& files) {
  Folder folder;
  for (const scenario::File& file : files)
    folder.files.push_back({.file = file.name, .bytes = file.sql, .checksum = {}});
  folder.listing = runner::list_scripts(folder.files);
  return folder;
}

/// A copy that is called otherwise than the others of its stage, over files of its own; perhaps
/// another program.
class OtherCopy {
 public:
  OtherCopy(const scenario::Beside& beside, const Folder& folder, const Program& program,
            const arena::Database& database, fleet::Subject subject)
      : folder_(folder_for(beside.call, beside.files.empty() ? folder : folder_of(beside.files),
                           program, database)),
        subject_(beside.runner.empty()
                     ? std::move(subject)
                     : fleet::command_subject(std::string(beside.runner), subject.success_codes)) {
    const scenario::Call& call = beside.call;
    if (call.action == scenario::Action::down)
      subject_.command = repeated(program.down, std::max<std::int64_t>(call.amount, 1));
    take_own_folder("{migrations}");
    // A project that `prepare` made: each release has its own.
    if (subject_.work_is_its_project) take_own_folder("{work}");
  }
  const fleet::Subject& subject() const { return subject_; }

 private:
  void take_own_folder(std::string_view placeholder) {
    for (std::string& word : subject_.command) put_own_folder(placeholder, word);
    for (auto& [name, value] : subject_.environment) put_own_folder(placeholder, value);
  }

  void put_own_folder(std::string_view placeholder, std::string& word) const {
    const std::string path = folder_.path().string();
    for (std::size_t at = word.find(placeholder); at != std::string::npos;
         at = word.find(placeholder, at + path.size()))
      word.replace(at, placeholder.size(), path);
  }

  const NeutralFolder folder_;
  fleet::Subject subject_;
};

std::size_t replicas_beside(const Stage& stage) {
  std::size_t replicas = 0;
  if (stage.call.action == scenario::Action::status) return replicas;
  for (const scenario::Beside& beside : stage.beside) replicas += beside.replicas;
  return replicas;
}

}  // namespace

fleet::Subject subject_for(const Program& program, const Stage& stage,
                           const StageOptions& options) {
  fleet::Subject subject = program.subject;
  const bool tells_status = stage.call.action == scenario::Action::status;
  if (tells_status) subject.command = program.status;
  if (stage.call.action == scenario::Action::down)
    subject.command = repeated(program.down, std::max<std::int64_t>(stage.call.amount, 1));
  if (program.told == Program::Told::nothing) return subject;
  if (stage.key == Stage::Key::unique && !tells_status)
    subject.command.insert(subject.command.end(), {"--lock-key", std::to_string(options.lock_key)});
  if (!stage.table.empty())
    subject.command.insert(subject.command.end(), {"--table", std::string(stage.table)});
  return subject;
}

namespace {

/// Takes note of replicas that asked for an advisory lock without waiting for it in the server, or
/// were refused it. Those that wait there are seen from outside.
class TryAsking : public gate::Gate {
 public:
  /// `lock`: what is held, if it is no advisory lock; null: it is one.
  TryAsking(gate::Gate& next, Attendance& attendance, const OwnLock* lock)
      : next_(next), attendance_(attendance), lock_(lock) {}

  core::Ruling at(const core::Step& step, milliseconds patience) noexcept override {
    return next_.at(step, patience);
  }
  void after(const core::Step& step, const core::Reply& reply) noexcept override {
    next_.after(step, reply);
    const bool refused = reply.ending != core::Reply::Ending::answered;
    for (const sql::AdvisoryCall& call : sql::advisory_calls(step.sql))
      if (!call.releases() && (call.tries() || refused)) attendance_.asked(step.session.replica);
    const bool asks_for_row = lock_ != nullptr && step.kind != core::Step::Kind::prepare &&
                              step.sql.find(sql::bare(lock_->table)) != std::string::npos;
    if (asks_for_row) attendance_.asked(step.session.replica);
  }

 private:
  gate::Gate& next_;
  Attendance& attendance_;
  const OwnLock* lock_;
};

/// Puts a flaw into the program: its steps are changed on their way.
class Changing : public gate::Gate {
 public:
  explicit Changing(const Program& program) : program_(program) {}

  core::Ruling at(const core::Step& step, milliseconds) noexcept override {
    if (!program_.change) return {};
    return program_.change(step).value_or(core::Ruling{});
  }
  void after(const core::Step&, const core::Reply&) noexcept override {}

 private:
  const Program& program_;
};

class ProgramStage {
 public:
  ProgramStage(const Stage& stage, const Folder& folder, const Program& program,
               const arena::Database& database, const StageOptions& options, LockToHold lock)
      : stage_(stage),
        database_(database),
        options_(options),
        lock_(std::move(lock)),
        folder_(folder_for(stage.call, folder, program, database)),
        subject_(subject_for(program, stage, options)),
        replicas_(stage.replicas + replicas_beside(stage)),
        recorder_(replicas_),
        attendance_(replicas_),
        changing_(program),
        harm_(changing_, stage, options.tracker),
        faults_(harm_, stage.faults),
        barrier_(faults_, is_staggered() ? 1 : replicas_) {
    if (replicas_ == stage.replicas) return;
    for (const scenario::Beside& beside : stage.beside)
      for (std::size_t copy = 0; copy < beside.replicas; ++copy)
        others_.push_back(std::make_unique<OtherCopy>(beside, folder, program, database, subject_));
  }

  StageSeen run() {
    if (stage_.bystander) {
      bystander_.emplace(database_.address());
      const bool holds_lock = stage_.bystander->is_predecessor && !lock_.advisory.empty();
      bystander_->run("BEGIN;" + std::string(stage_.bystander->sql));
      if (holds_lock) bystander_->ask("SELECT pg_advisory_xact_lock(" + lock_.advisory + ")");
    }
    if (stage_.foreign_lock) take_foreign_lock();
    if (stage_.lock_wait)
      bound_waits(fmt::format("SET lock_timeout = {}", stage_.lock_wait->count()));
    StageSeen seen;
    {
      fleet::WireFleet fleet(subjects(), database_, folder_.path(), gate_, recorder_,
                             {.held_at_most = std::min(gathering_max, options_.patience / 2),
                              .pooling = pooling(),
                              .when_ended = [this](std::size_t replica) { ended(replica); }});
      start(fleet.processes());
      if (bystander_) let_bystander_go(fleet.processes(), seen);
      if (foreign_ || held_) seen.foreign_lock_met = hold(fleet.processes());
      fleet.finish_within(options_.patience);
      seen.leftovers = observe::leftovers(database_.address(), leftovers_patience);
    }
    if (stage_.lock_wait) bound_waits("RESET lock_timeout");
    seen.history = recorder_.history();
    seen.wanted =
        is_staggered() || failed_unasked(seen.history) ? 0 : std::min<std::size_t>(replicas_, 2);
    seen.gathered = is_staggered() ? 0 : barrier_.gathered();
    seen.unfired = faults_.unfired().size() + harm_.unfired();
    return seen;
  }

 private:
  std::vector<const fleet::Subject*> subjects() const {
    std::vector<const fleet::Subject*> all(stage_.replicas, &subject_);
    for (const auto& other : others_) all.push_back(&other->subject());
    return all;
  }

  /// As it was to or might, and before it asked the server anything: then nobody could meet
  /// anybody.
  bool failed_unasked(const core::History& history) const {
    const bool may_fail = stage_.expected_error || asks_any(stage_, {"refused-or-applied"});
    return may_fail && history.steps.empty();
  }

  fleet::WireFleet::Pooling pooling() const {
    using Pooling = fleet::WireFleet::Pooling;
    return stage_.way == scenario::Way::pooler ? Pooling::transaction : Pooling::none;
  }

  bool is_staggered() const { return stage_.arrival == scenario::Arrival::staggered; }

  void ended(std::size_t replica) {
    attendance_.ended(replica);
    barrier_.leaves(replica);
  }

  void start(fleet::ProcessFleet& processes) const {
    if (!is_staggered()) return processes.release();
    const auto start = steady_clock::now();
    for (const auto& [delay, replica] : fleet::arrivals(replicas_, stagger_max, options_.seed)) {
      processes.collect_until(start + delay);
      processes.release_one(replica);
    }
  }

  void take_foreign_lock() {
    if (lock_.advisory.empty()) {
      held_.emplace(database_.address(), *lock_.other);
    } else {
      foreign_.emplace(database_.address());
      foreign_->ask("SELECT pg_advisory_lock(" + lock_.advisory + ")");
    }
    recorder_.note("foreign lock taken", Event::Kind::foreign_lock_taken);
  }

  /// What an operator sets for every session to come, of any program.
  void bound_waits(std::string_view what) const {
    arena::Connection connection(database_.address());
    connection.run(fmt::format("ALTER DATABASE {} {}",
                               connection.identifier(database_.address().database()), what));
  }

  /// Whoever waits in the server has asked.
  void look_who_waits(std::string_view which) {
    if (!watcher_) watcher_.emplace(database_.address());
    const auto waiting = watcher_->ask(
        "SELECT l.pid FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)"
        " WHERE NOT l.granted AND a.datname = current_database()" +
        std::string(which));
    if (waiting.empty()) return;
    for (const Event& event : recorder_.history().events) {
      if (event.kind != Event::Kind::opened || !event.backend_pid) continue;
      const auto pid = std::to_string(*event.backend_pid);
      if (std::ranges::any_of(waiting, [&](const arena::Row& row) { return row.at(0) == pid; }))
        attendance_.asked(event.replica);
    }
  }

  bool wait_for_all_asked(fleet::ProcessFleet& processes, std::string_view which) {
    const auto end = steady_clock::now() + options_.patience / 2;
    while (!attendance_.wait_for_all_asked(milliseconds(0))) {
      if (steady_clock::now() >= end) return false;
      processes.collect_until(steady_clock::now() + look_interval);
      look_who_waits(which);
    }
    return true;
  }

  void let_bystander_go(fleet::ProcessFleet& processes, StageSeen& seen) {
    wait_for_all_asked(processes, "");
    TableWaits waits(database_.address());
    const auto end = steady_clock::now() + stage_.bystander->window;
    while (steady_clock::now() < end) {
      processes.collect_until(std::min(end, steady_clock::now() + table_look_interval));
      waits.look();
    }
    seen.table_waits = waits.longest();
    recorder_.note("the bystander commits");
    bystander_->run("COMMIT");
    bystander_.reset();
  }

  bool hold(fleet::ProcessFleet& processes) {
    bool met = true;
    if (stage_.foreign_lock->until == ForeignLock::Until::all_ended) {
      processes.collect_until(steady_clock::now() + options_.patience / 2);
      met = processes.all_ended();
    } else {
      met = wait_for_all_asked(processes, foreign_ ? " AND l.locktype = 'advisory'" : "");
      processes.collect_until(steady_clock::now() + stage_.foreign_lock->window);
    }
    watcher_.reset();
    recorder_.note("foreign lock released", Event::Kind::foreign_lock_released);
    if (held_) held_->release();
    if (foreign_) foreign_->ask("SELECT pg_advisory_unlock_all()");
    held_.reset();
    foreign_.reset();
    return met;
  }

  const Stage& stage_;
  const arena::Database& database_;
  const StageOptions& options_;
  const LockToHold lock_;
  const NeutralFolder folder_;
  const fleet::Subject subject_;
  std::vector<std::unique_ptr<OtherCopy>> others_;  ///< numbered after the others
  const std::size_t replicas_;
  gate::Recorder recorder_;
  Attendance attendance_;
  Changing changing_;
  ProgramHarm harm_;
  gate::Faults faults_;
  gate::Barrier barrier_;
  TryAsking asking_{barrier_, attendance_, lock_.advisory.empty() ? lock_.other : nullptr};
  gate::OnThreads gate_{asking_};
  std::optional<arena::Connection> bystander_, foreign_, watcher_;
  std::optional<HeldOwnLock> held_;
};

/// `was ended by Gauntlet with signal 9 after 6.0 s, when 5 of 5 files were committed`.
std::string how_it_ended(const core::History& history, const Event& end,
                         const std::vector<oracle::MigrationFile>& files) {
  std::string text = oracle::ending_of(end);
  if (end.kind != Event::Kind::killed) return text;
  text += fmt::format(" after {:.1f} s", oracle::running_time(history, 0, end).count());
  const oracle::FileStatements statements(history, files);
  std::size_t committed = 0;
  for (std::size_t file = 0; file < files.size(); ++file)
    if (statements.is_committed(file)) ++committed;
  return files.empty()
             ? text
             : fmt::format("{}, when {} of {} files were committed", text, committed, files.size());
}

std::string last_words(const core::History& history) {
  const std::string said = oracle::last_lines(history, 0);
  return said.empty() ? "it printed nothing" : said;
}

}  // namespace

Alone run_program_alone(const Stage& stage, const Folder& folder, const Program& program,
                        const arena::Database& database, const StageOptions& options) {
  const NeutralFolder on_disk = folder_for(stage.call, folder, program, database);
  const fleet::Subject subject = subject_for(program, stage, options);
  gate::Recorder recorder(1);
  gate::OpenGate open;
  SeenLocks locks(open, database.address());
  gate::AtOnce gate(locks);
  {
    fleet::WireFleet fleet({&subject}, database, on_disk.path(), gate, recorder, {});
    fleet.processes().release();
    fleet.finish_within(options.patience);
  }
  Alone alone{.locks = locks.arguments(), .history = recorder.history()};
  const core::History& history = alone.history;
  if (alone.locks.empty()) alone.locks = momentary_locks(history);
  const std::vector<Body> bodies = bodies_of(folder.listing, stage);
  if (const auto refused = refused_body(history, bodies)) {
    alone.refused = refused->name;
    alone.refused_with = refused->sqlstate;
  }
  const Event* end = history.exit_of(0);
  if (end == nullptr) {
    alone.failure = "it was not seen to end";
    return alone;
  }
  alone.exit_code = end->exit_code;
  const std::vector<int>& fine = program.subject.success_codes;
  // Nobody denies its unlock where it runs alone.
  const bool may_fail = stage.call.action == scenario::Action::status ||
                        !stage.resembling.empty() ||
                        (stage.expected_error && !stage.unlock_is_false);
  const bool told =
      end->exit_code && (may_fail || std::ranges::find(fine, *end->exit_code) != fine.end());
  if (!told)
    alone.failure =
        fmt::format("it {}: {}", how_it_ended(history, *end, migration_files(folder.listing)),
                    last_words(history));
  return alone;
}

StageSeen run_program_stage(const Stage& stage, const Folder& folder, const Program& program,
                            const arena::Database& database, const StageOptions& options,
                            const LockToHold& lock) {
  return ProgramStage(stage, folder, program, database, options, lock).run();
}

}  // namespace gauntlet::run
