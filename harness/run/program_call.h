// How a stage calls a program: the command of its copies, and of those beside them. One thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/fleet/fleet.h"
#include "harness/run/folder.h"
#include "harness/run/neutral_folder.h"
#include "harness/run/program.h"
#include "harness/run/stage_run.h"
#include "harness/scenario/scenario.h"

#include <string>
#include <string_view>

namespace gauntlet::run {

/// The command of a stage's copies.
fleet::Subject subject_for(const Program& program, const scenario::Stage& stage,
                           const StageOptions& options);

/// A copy that is called otherwise than the others of its stage, over files of its own; perhaps
/// another program.
class OtherCopy {
 public:
  OtherCopy(const scenario::Beside& beside, const Folder& folder, const Program& program,
            const arena::Database& database, fleet::Subject subject);
  const fleet::Subject& subject() const { return subject_; }

 private:
  void take_own_folder(std::string_view placeholder);
  void put_own_folder(std::string_view placeholder, std::string& word) const;

  const NeutralFolder folder_;
  fleet::Subject subject_;
};

}  // namespace gauntlet::run
