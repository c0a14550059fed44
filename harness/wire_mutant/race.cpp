#include "harness/wire_mutant/race.h"

#include "harness/arena/connection.h"
#include "harness/crash/clean.h"
#include "harness/crash/commits.h"
#include "harness/fleet/standstill.h"
#include "harness/fleet/wire_fleet.h"
#include "harness/sql/advisory_calls.h"
#include "harness/sql/lock_edits.h"
#include "harness/sql/statement.h"
#include "harness/wire_mutant/mutant_gate.h"
#include "harness/wire_mutant/pooled_database.h"
#include "runner/values/error.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

#include <fmt/format.h>

namespace gauntlet::wire_mutant {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

using Pooling = fleet::WireFleet::Pooling;

constexpr milliseconds race_patience_min{15'000}, settled_min{150}, total_max{4'000};
/// Copies whose lock stays with a session of the pool wait for it without end.
constexpr milliseconds pooled_idle_max{3'000};

/// at() belongs to the proxy's thread, denied() to any.
class DeniesUnlock : public gate::Gate {
 public:
  core::Ruling at(const core::Step& step, std::chrono::milliseconds) noexcept override {
    const auto calls = sql::advisory_calls(step.sql);
    if (calls.empty() || !std::ranges::all_of(calls, [](const sql::AdvisoryCall& call) {
          return call.releases() && !call.releases_all();
        }))
      return {};
    const auto edited = sql::with_shared_advisory_locks(step.sql);
    if (!edited) return {};
    ++denied_;
    return {.what = core::Ruling::What::rewrite, .text = edited->sql};
  }
  void after(const core::Step&, const core::Reply&) noexcept override {}
  std::size_t denied() const { return denied_; }

 private:
  std::atomic<std::size_t> denied_{0};
};

class Racing {
 public:
  Racing(const RaceAsked& asked, arena::Arena& arena,
         const std::function<void(std::string_view)>& progress)
      : asked_(asked),
        arena_(arena),
        progress_(progress),
        clean_({.subject = asked.subject,
                .applied_query = asked.applied_query,
                .files = crash::Clean::Files::data_only},
               arena, progress) {
    known_.tracker = clean_.tracker_table;
    if (clean_.tracker.clean && asked.applied_query.empty())
      known_.tracker = clean_.tracker.clean->tracker;
    for (const trace::TracedLock& lock : clean_.traced.locks)
      if (lock.form == trace::TracedLock::Form::lock_row)
        known_.lock_tables.insert(sql::bare(lock.object));
    for (const truth::File& file : clean_.files)
      for (const sql::Statement& statement : sql::statements_of(file.sql))
        for (const auto* names : {&statement.writes, &statement.defines})
          for (const std::string& name : *names) known_.tables_of_files.insert(sql::bare(name));
  }

  RunnerGrades run() {
    RunnerGrades grades{
        .runner = asked_.subject.subject.name, .notes = clean_.notes, .known = known_};
    for (const trace::TracedLock& lock : clean_.traced.locks)
      grades.locks.push_back(
          fmt::format("{} {} by {}", trace::to_string(lock.form), lock.object, lock.how));
    if (asked_.mutants) race_mutants(grades);
    if (asked_.mutants && asked_.only.empty()) grades.denied_unlock = with_denied_unlock();
    if (asked_.as_it_is) {
      progress_(fmt::format("{} copies together", asked_.replicas));
      grades.as_it_is = raced_as_it_is();
    }
    if (asked_.pooler) {
      progress_(fmt::format("{} copies behind a pooler", asked_.replicas));
      grades.behind_pooler = raced_behind_pooler();
      progress_(fmt::format("{} copies, each transaction on another session", asked_.replicas));
      grades.on_other_sessions = raced_on_other_sessions();
    }
    return grades;
  }

 private:
  void race_mutants(RunnerGrades& grades) {
    for (const WireMutant& mutant : wire_mutants()) {
      if (!asked_.only.empty() && std::ranges::find(asked_.only, mutant.name) == asked_.only.end())
        continue;
      progress_(fmt::format("{}: {} copies", mutant.name, asked_.replicas));
      const auto began = steady_clock::now();
      MutantResult result{.mutant = mutant, .graded = graded(mutant)};
      result.seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
      grades.results.push_back(std::move(result));
    }
  }

  Graded raced_as_it_is() {
    const auto database = arena_.fresh("mutants");
    if (const std::string why = apply_first(*database); !why.empty()) return {Grade::unknown, why};
    gate::OpenGate open;
    gate::AtOnce gate(open);
    return grade(raced_in(*database, gate));
  }

  /// The first migration comes straight: behind the pooler only what a race shows is of interest.
  Graded raced_behind_pooler() {
    const auto database = arena_.fresh("mutants");
    if (const std::string why = apply_first(*database); !why.empty()) return {Grade::unknown, why};
    try {
      const PooledDatabase pooled(*database);
      gate::OpenGate open;
      gate::AtOnce gate(open);
      Graded graded = grade(raced_in(pooled, gate));
      if (const std::size_t left = pooled.advisory_locks(); left > 0)
        graded.why += fmt::format(
            "; {} advisory locks stayed with sessions of the pooler when every copy had ended",
            left);
      return graded;
    } catch (const runner::Error& error) {
      if (error.code() != "no-pooler") throw;
      return {Grade::unviable, error.message()};
    }
  }

  /// Which session a pooler lends is a matter of luck; here it is never the one before.
  Graded raced_on_other_sessions() {
    const auto database = arena_.fresh("mutants");
    if (const std::string why = apply_first(*database); !why.empty()) return {Grade::unknown, why};
    try {
      gate::OpenGate open;
      gate::AtOnce gate(open);
      return grade(raced_in(*database, gate, Pooling::transaction));
    } catch (const runner::Error& error) {
      if (error.code() != "no-pool-here") throw;
      return {Grade::unviable, error.message()};
    }
  }

  Graded graded(const WireMutant& mutant) {
    if (auto without = without_race(mutant.kind)) return *std::move(without);
    if (mutant.kind != Kind::tracker_constraint_dropped)
      if (auto unfit = unviable(mutant.kind)) return *std::move(unfit);
    return raced(mutant.kind);
  }

  bool has_advisory() const {
    using Form = trace::TracedLock::Form;
    return std::ranges::any_of(clean_.traced.locks, [](const trace::TracedLock& lock) {
      return lock.form == Form::advisory_session || lock.form == Form::advisory_transaction;
    });
  }

  std::optional<Graded> without_race(Kind kind) const {
    const bool wants_tracker =
        kind == Kind::tracker_row_hidden || kind == Kind::tracker_constraint_dropped;
    if (wants_tracker && known_.tracker.empty())
      return Graded{Grade::unviable, "no table was recognised as its tracker"};
    if (kind == Kind::lock_is_noop && clean_.traced.locks.empty())
      return Graded{
          Grade::no_lock,
          "no lock was seen on the wire; one taken inside a function or a DO block is out "
          "of reach"};
    const bool is_of_key = kind == Kind::key_per_connection || kind == Kind::unlock_is_noop;
    if (is_of_key && !has_advisory()) return Graded{Grade::no_lock, "it takes no advisory lock"};
    return std::nullopt;
  }

  /// A mutant must do its work alone.
  std::optional<Graded> unviable(Kind kind) {
    const auto database = arena_.fresh("mutant");
    gate::Recorder recorder(1);
    MutantGate gate(kind, known_);
    {
      fleet::WireFleet fleet({&asked_.subject.subject}, *database, clean_.migrations, gate,
                             recorder, {});
      fleet.processes().release();
      fleet.finish_within(patience());
    }
    const core::History history = recorder.history();
    if (const std::string why = gate.obstacle(); !why.empty()) return Graded{Grade::unviable, why};
    if (gate.changed() == 0) {
      if (kind == Kind::unlock_is_noop)
        return Graded{Grade::not_needed, "it never gives the lock back: the session's end does"};
      return Graded{Grade::unviable, "nothing that it sends is changed by it"};
    }
    const Raced alone{.history = history,
                      .success_codes = asked_.subject.subject.success_codes,
                      .after = clean_.prefixes->place(database->address()),
                      .files = clean_.files.size()};
    const core::Event* end = history.exit_of(0);
    const bool ok =
        end != nullptr && end->exit_code &&
        std::ranges::find(alone.success_codes, *end->exit_code) != alone.success_codes.end();
    if (ok && alone.after.is_complete(alone.files)) return std::nullopt;
    const Graded seen = grade(alone);
    return Graded{seen.grade == Grade::self_checked ? Grade::self_checked : Grade::unviable,
                  "alone it does not do its work: " + seen.why};
  }

  Graded raced(Kind kind) {
    const auto database = arena_.fresh("mutants");
    if (const std::string why = apply_first(*database); !why.empty()) return {Grade::unknown, why};
    if (kind == Kind::tracker_constraint_dropped && !drop_constraints(*database))
      return {Grade::no_lock, "its tracker has neither a primary key nor a unique index"};
    MutantGate gate(kind, known_);
    return grade(raced_in(*database, gate));
  }

  /// What nobody holds in shared mode cannot be given back: the server says false.
  Graded with_denied_unlock() {
    const auto database = arena_.fresh("mutant");
    DeniesUnlock denies;
    gate::AtOnce gate(denies);
    gate::Recorder recorder(1);
    {
      fleet::WireFleet fleet({&asked_.subject.subject}, *database, clean_.migrations, gate,
                             recorder, {});
      fleet.processes().release();
      fleet.finish_within(patience());
    }
    if (denies.denied() == 0)
      return {Grade::no_lock, "it gives no advisory lock back by a statement"};
    const core::History history = recorder.history();
    const core::Event* end = history.exit_of(0);
    if (end == nullptr || !end->exit_code)
      return {Grade::unknown, "it was still running when its time was over"};
    const auto& fine = asked_.subject.subject.success_codes;
    if (std::ranges::find(fine, *end->exit_code) == fine.end())
      return {Grade::self_checked, "it fails where the server says that its lock was not held"};
    return {Grade::not_needed,
            "it ends with success, although the server says that its lock was not held"};
  }

  Raced raced_in(const arena::Database& database, gate::AsyncGate& gate,
                 Pooling pooling = Pooling::none) {
    gate::Recorder recorder(asked_.replicas);
    Raced raced{.success_codes = asked_.subject.subject.success_codes,
                .files = clean_.files.size()};
    {
      const fleet::Subject& subject = asked_.subject.subject;
      fleet::WireFleet fleet(std::vector(asked_.replicas, &subject), database, clean_.migrations,
                             gate, recorder, {.pooling = pooling});
      hold_records(database, fleet.processes(), raced);
      std::optional<fleet::StandstillOptions> standstill;
      if (pooling != Pooling::none) standstill.emplace().idle = pooled_idle_max;
      fleet.finish_within(patience(), standstill);
    }
    raced.history = recorder.history();
    raced.after = clean_.prefixes->place(database.address());
    raced.times = times_run(raced.history);
    return raced;
  }

  /// Nobody can record until nobody new comes to do so.
  void hold_records(const arena::Database& database, fleet::ProcessFleet& processes, Raced& raced) {
    if (known_.tracker.empty()) return processes.release();
    fleet::TableHold hold(database, known_.tracker);
    hold.close();
    processes.release();
    const fleet::RaceOptions race{
        .replicas = asked_.replicas,
        .patience = patience(),
        .held = fleet::RaceOptions::Held{.tables = known_.tracker,
                                         .settled = settled_min + clean_.took,
                                         .total = total_max + 2 * clean_.took}};
    processes.gather_at(hold, race);
    raced.together = processes.gathered();
  }

  /// Empty if the first migration is applied.
  std::string apply_first(const arena::Database& database) {
    const auto project = clean_.project_of_first(database);
    const core::History history =
        fleet::run_once(asked_.subject.subject, database, project, patience());
    const crash::Place place = clean_.prefixes->place(database.address());
    if (place.files == 1U) return {};
    const core::Event* end = history.exit_of(0);
    return fmt::format("the first migration could not be applied alone (exit {})",
                       end != nullptr && end->exit_code ? *end->exit_code : -1);
  }

  bool drop_constraints(const arena::Database& database) const {
    arena::Connection connection(database.address());
    const auto found = connection.ask(
        "SELECT c.relname, con.conname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON "
        "c.oid = i.indexrelid LEFT JOIN pg_catalog.pg_constraint con ON con.conindid = c.oid AND "
        "con.conrelid = i.indrelid AND con.contype IN ('p', 'u', 'x') WHERE i.indrelid = "
        "$1::pg_catalog.regclass AND i.indisunique",
        {known_.tracker});
    for (const arena::Row& row : found) {
      const std::string& constraint = row.text(1);
      connection.run(constraint.empty()
                         ? "DROP INDEX " + connection.identifier(row.text(0))
                         : fmt::format("ALTER TABLE {} DROP CONSTRAINT {} CASCADE", known_.tracker,
                                       connection.identifier(constraint)));
    }
    return !found.empty();
  }

  std::size_t times_run(const core::History& history) const {
    const auto times = crash::times_committed({&history}, clean_.files);
    return times.empty() ? 0 : *std::ranges::max_element(times);
  }

  milliseconds patience() const { return std::max(race_patience_min, 10 * clean_.took); }

  const RaceAsked& asked_;
  arena::Arena& arena_;
  const std::function<void(std::string_view)>& progress_;
  crash::Clean clean_;
  Known known_;
};

}  // namespace

RunnerGrades grade_runner(const RaceAsked& asked, arena::Arena& arena,
                          const std::function<void(std::string_view)>& progress) {
  return Racing(asked, arena, progress).run();
}

}  // namespace gauntlet::wire_mutant
