// Serial runs of the subject: what concurrent ones are compared with. They are held to what the
// files leave before anything is held to them. One thread.
#pragma once

#include "harness/core/report.h"
#include "harness/core/snapshot.h"
#include "harness/fleet/fleet.h"
#include "harness/oracle/oracle.h"
#include "harness/verify/check.h"
#include "harness/verify/replicas_race.h"
#include "harness/verify/truth_of.h"

#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::verify {

class Yardstick {
 public:
  /// All three outlive it.
  Yardstick(const Context& context, const RaceGround& ground, const fleet::Subject& subject);

  /// Two serial runs on databases of their own, the first of them held to what the files leave.
  /// False if nothing can be compared with them; `result` says why.
  bool take(core::Result& result);

  const std::vector<core::Snapshot>& snapshots() const { return serial_; }
  std::chrono::duration<double> time() const { return time_; }  ///< of the slower run

  /// See oracle::Observation::own_tables. After take().
  std::set<std::string> made_beside() const;

  /// Asks one oracle. Before a difference from the serial runs is a finding, a third one runs where
  /// transaction ids, OIDs and the second are others, and the files are applied once more by
  /// themselves, each rolled back before it is committed: what differs there, too, differs by
  /// itself.
  core::Judgement ask(std::string_view id, const oracle::Observation& seen);

  /// A database of ours without the columns of --unstable-column. Throws: Error.
  core::Snapshot look(const arena::Database& database) const;

 private:
  bool run_alone(core::Result& result);
  WatchedRun run_alone_once() const;
  bool is_held_to_files(core::Result& result);
  void calibrate();
  void tell(const std::string& what) const;

  const Context& context_;
  const RaceGround& ground_;
  const fleet::Subject& subject_;
  const std::vector<truth::File> files_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::set<std::string> own_tables_;
  std::chrono::duration<double> time_{0};
  std::vector<core::Snapshot> serial_;
  bool is_calibrated_ = false;
};

}  // namespace gauntlet::verify
