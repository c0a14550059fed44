// What the oracles of a stage are asked about: what the database holds before and after it, what
// the scenario claims, and what earlier stages of the same run applied. One object for one run of a
// scenario; belongs to one thread.
#pragma once

#include "harness/arena/address.h"
#include "harness/oracle/oracle.h"
#include "harness/run/folder.h"
#include "harness/run/program.h"
#include "harness/run/serial.h"
#include "harness/run/stage_run.h"
#include "harness/scenario/scenario.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::run {

class StageObserver {
 public:
  struct Ground {
    const scenario::Scenario& scenario;
    const std::vector<Folder>& folders;  ///< by stage
    const Serial& serial;
    const Program* program = nullptr;  ///< null: the reference runner, or a mutant of it
    std::chrono::milliseconds patience{0};
  };
  /// All that `ground` names outlives it.
  explicit StageObserver(const Ground& ground) : ground_(ground) {}

  /// Before the replicas start. Throws: StatementError, Error of the connection.
  oracle::Observation before(const scenario::Stage& stage, const arena::Address& database) const;

  enum class Depth {
    asked,  ///< what the stage's oracles compare
    whole,  ///< schema and data in any case
  };
  /// Adds what `run` did and what the database holds after it. Stages come in order. Throws: as
  /// before().
  void after(oracle::Observation& seen, std::size_t index, const scenario::Stage& stage,
             const StageSeen& run, const arena::Address& database, Depth depth);

 private:
  void look(oracle::Observation& seen, std::size_t index, const scenario::Stage& stage,
            const StageSeen& run, const arena::Address& database, Depth depth);
  void add_claims(oracle::Observation& seen, std::size_t index, const scenario::Stage& stage) const;
  std::map<std::int64_t, std::string> pending_in(const scenario::Stage& stage,
                                                 const runner::Listing& listing) const;
  std::set<std::int64_t> late_in(std::size_t index) const;
  std::vector<int> success_codes(std::size_t index, const scenario::Stage& stage) const;
  std::string_view tool() const;
  std::string tracker_query(const scenario::Stage& stage) const;

  const Ground ground_;
  std::optional<core::Applied> applied_ = {};  ///< by the stages so far
  std::set<std::int64_t> committed_ = {};      ///< versions, by the stages so far
};

}  // namespace gauntlet::run
