#include "harness/oracle/oracle.h"

#include "harness/oracle/judges.h"

#include <algorithm>
#include <cassert>
#include <exception>

#include <fmt/format.h>

namespace gauntlet::oracle {

const std::vector<Oracle>& oracles() {
  static const std::vector<Oracle> all = {
      {"all-succeed", "every replica ends with a code that means success", all_succeed},
      {"applied-once", "every migration took effect exactly once, by what its body journalled",
       applied_once},
      {"atomic", "a migration that fails leaves nothing of its body", atomic},
      {"clear-error", "a run that fails names reason, place and remedy, and exits non-zero",
       clear_error},
      {"clear-warning", "whoever passes something over and goes on says so, by its name",
       clear_warning},
      {"data-equals-serial",
       "row counts and every stable column equal those that one serial run leaves",
       data_equals_serial},
      {"disk-is-recorded", "all that is on disk is recorded; more may be", disk_is_recorded},
      {"failure-told", "where a migration cannot be applied no replica reports success",
       failure_told},
      {"idempotent", "a second run leaves catalogue, data and sequences as they were", idempotent},
      {"mutual-exclusion", "no two sessions are between lock and unlock at once", mutual_exclusion},
      {"no-invalid-index", "no index is left INVALID, and no constraint NOT VALID unasked",
       no_invalid_index},
      {"no-lock-left", "no advisory lock, open transaction or running statement is left behind",
       no_lock_left},
      {"nobody-passes", "while a session outside holds the lock no replica is done or writes",
       nobody_passes},
      {"not-passed-over", "a file that resembles a migration is applied, or named, or refused",
       not_passed_over},
      {"nothing-written", "a command that only reads wrote nothing and waited for nobody",
       nothing_written},
      {"order", "the bodies of a run took effect in ascending order of version", order},
      {"pinned", "lock, bodies, records and unlock of a replica came from one server process",
       pinned},
      {"refused", "where the files contradict the tracker no replica reports success", refused},
      {"refused-or-applied", "two files of one number are refused, or both of them are applied",
       refused_or_applied},
      {"schema-equals-serial", "the catalogue equals the one that one serial run leaves",
       schema_equals_serial},
      {"set-equality", "the applied set is the set on disk, by version and name", set_equality},
      {"someone-succeeds", "at least one replica succeeds", someone_succeeds},
      {"success-means-done", "whoever reports success has nothing of its release pending",
       success_means_done},
      {"unlock-confirmed", "whoever is told that its unlock did not unlock reports no success",
       unlock_confirmed},
  };
  return all;
}

const std::vector<Oracle>& standing_oracles() {
  static const std::vector<Oracle> all = {
      {"committed-once", "no two replicas commit the same file", committed_once},
      {"error-masked", "a replica that fails shows what the server refused", error_masked},
      {"error-swallowed", "no replica succeeds over a file that the server refused",
       error_swallowed},
      {"nothing-left-out", "no file on disk is passed over while every replica succeeds",
       nothing_left_out},
      {"readers-wait", "no migration keeps the readers of its table waiting for long",
       readers_wait},
      {"unlocked-before-commit", "no replica gives its lock back before it commits what it wrote",
       unlocked_before_commit},
  };
  return all;
}

const Oracle& oracle(std::string_view id) {
  const auto found = std::find_if(oracles().begin(), oracles().end(),
                                  [&](const Oracle& candidate) { return candidate.id == id; });
  assert(found != oracles().end());
  return *found;
}

core::Judgement ask(const Oracle& oracle, const Observation& observation) noexcept {
  try {
    core::Judgement judgement = oracle.judge(observation);
    for (core::Finding& finding : judgement.findings) finding.oracle = oracle.id;
    return judgement;
  } catch (const std::exception& error) {
    return core::unknown(
        fmt::format("the oracle {} could not decide: {}", oracle.id, error.what()));
  } catch (...) {
    return core::unknown(fmt::format("the oracle {} could not decide", oracle.id));
  }
}

}  // namespace gauntlet::oracle
