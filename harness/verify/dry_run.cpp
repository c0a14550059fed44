#include "harness/verify/dry_run.h"

#include "harness/verify/cluster.h"
#include "harness/verify/failure.h"
#include "harness/verify/file_plan.h"
#include "harness/verify/in_place.h"
#include "harness/verify/pending.h"
#include "harness/verify/rehearsal.h"
#include "harness/verify/traces.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using runner::Entry;

/// Why nothing can be written to the database; empty if it can.
std::string read_only_reason(runner::Session& session) {
  const auto told = session.query(
      "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')");
  constexpr std::string_view remedy =
      "give a scratch database that can be written, or `--database ephemeral`";
  if (told.rows.at(0).at(0) == "t") {
    return fmt::format("the database is read-only, its server is a standby: {}", remedy);
  }
  if (told.rows.at(0).at(1) != "on") return {};
  return fmt::format("the database is read-only, default_transaction_read_only is on: {}", remedy);
}

AppliedState read_state(const Context& context) {
  const auto session = connect_unbounded(context.arena->given(), "gauntlet dry-run");
  AppliedState state = applied_state(context, *session);
  if (state.cannot_tell.empty()) state.cannot_tell = read_only_reason(*session);
  return state;
}

void note_refusals(const AppliedState& state, core::Result& result) {
  for (const Entry& entry : state.inspection.entries) {
    if (entry.state != Entry::State::renamed && entry.state != Entry::State::edited) continue;
    result.notes.push_back(fmt::format(
        "the pending files are judged, but the runner refuses to start: {} is {} (see `status`)",
        entry.version.number, runner::to_string(entry.state)));
  }
}

std::vector<FilePlan> plans_of(const Context& context,
                               const std::vector<const runner::Migration*>& pending) {
  const Ground ground = context.arena->is_ephemeral() ? Ground::ephemeral : Ground::given;
  std::vector<FilePlan> plans;
  plans.reserve(pending.size());
  for (const runner::Migration* migration : pending) {
    plans.push_back(plan_file(*migration, context.options.format, ground));
  }
  return plans;
}

/// The first reason why the files cannot share one transaction; empty if they can.
std::string reason_to_rehearse(const Program& program) {
  for (std::size_t number = 0; number < program.runnable(); ++number) {
    const std::string& because = program.plans[number].rehearse_because;
    if (!because.empty()) return because;
  }
  return {};
}

Trial not_rehearsed(const std::string& because, const std::string& reason) {
  Trial trial;
  trial.judgement = core::unknown(fmt::format(
      "the files must be rehearsed on a copy ({}), and cannot be: {}", because, reason));
  return trial;
}

Trial rehearse_or_tell(const Context& context, const Program& program, const AppliedState& state,
                       const std::string& because) {
  for (std::size_t number = 0; number < program.runnable(); ++number) {
    const FilePlan& plan = program.plans[number];
    const auto refusal = cluster_refusal(context, *plan.migration, plan.cluster_wide);
    if (refusal) return not_rehearsed(because, *refusal);
  }
  try {
    return rehearse(context, program, tracker_tables(state), because);
  } catch (const runner::Error& error) {
    constexpr std::array codes = {"needs-createdb", "cannot-copy", "cannot-create-database"};
    if (std::find(codes.begin(), codes.end(), error.code()) == codes.end()) throw;
    return not_rehearsed(because, reason_of(error));
  }
}

/// Why the given database's users would wait for locks of the dry run; empty if nobody would, or if
/// the caller says that they may.
std::string users_in_the_way(const Context& context) {
  if (context.arena->is_ephemeral() || context.options.in_place) return {};
  const auto session = connect_unbounded(context.arena->given(), "gauntlet dry-run");
  const std::size_t company = count_company(*session);
  if (company == 0) return {};
  return fmt::format(
      "{} other {} connected to the database, and would wait for locks of the dry run; --in-place "
      "runs it there nevertheless",
      company, company == 1 ? "session is" : "sessions are");
}

/// A superuser is refused nothing: what the deploying role lacks does not show.
void note_superuser(const Context& context, core::Result& result) {
  if (context.arena->is_ephemeral()) return;
  const auto session = connect_unbounded(context.arena->given(), "gauntlet dry-run");
  const auto told = session->query(
      "SELECT session_user FROM pg_catalog.pg_roles "
      "WHERE rolname = session_user AND rolsuper");
  if (told.rows.empty()) return;
  result.notes.push_back(fmt::format(
      "judged as superuser {}: a right that the deploying role lacks does not show; give that "
      "role's URL to --database",
      told.rows[0][0].value_or("")));
}

Trial try_out(const Context& context, const Program& program, const AppliedState& state) {
  std::string because = reason_to_rehearse(program);
  if (because.empty()) because = users_in_the_way(context);
  if (!because.empty()) return rehearse_or_tell(context, program, state, because);
  Trial trial = try_in_place(context, program);
  if (!trial.must_rehearse.empty()) {
    return rehearse_or_tell(context, program, state, trial.must_rehearse);
  }
  trial.notes.insert(trial.notes.begin(),
                     "ran in place: one transaction, a savepoint a file, rolled back");
  return trial;
}

}  // namespace

core::Result dry_run(const Context& context) {
  core::Result result{.id = "check/dry-run", .subject = subject_name(context.options)};
  context.progress("dry-run: reading what is pending");
  AppliedState state = read_state(context);
  result.notes = std::move(state.notes);
  if (std::string reason = why_not_started(state); !reason.empty()) {
    result.judgement = core::unknown(std::move(reason));
    return result;
  }
  note_refusals(state, result);
  note_superuser(context, result);
  const std::vector<FilePlan> plans = plans_of(context, pending_of(context, state));
  if (plans.empty()) {
    result.notes.emplace_back("nothing is pending");
    result.judgement = core::judged({});
    return result;
  }
  Trial trial = try_out(context, Program{plans}, state);
  result.judgement = std::move(trial.judgement);
  result.files = std::move(trial.files);
  result.notes.insert(result.notes.end(), trial.notes.begin(), trial.notes.end());
  return result;
}

const std::vector<DryRunFinding>& dry_run_findings() {
  static const std::vector<DryRunFinding> findings = {
      {"migration-fails", "the server refuses a statement of the file"},
      {"constraint-fails-at-commit", "a deferred constraint does not hold at the file's end"},
      {"migration-refused", "the runner refuses the file before it sends anything of it"},
      {"invalid-index", "an index that a pending file names is INVALID after all of them"},
      {"dry-run-left-traces", "the database differs after everything was rolled back"},
  };
  return findings;
}

}  // namespace gauntlet::verify
