// The files of a stage, for a program to read. One thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/fleet/fleet.h"
#include "harness/run/folder.h"
#include "harness/run/program.h"
#include "harness/scenario/scenario.h"
#include "runner/source/source.h"

#include <filesystem>
#include <vector>

namespace gauntlet::run {

class NeutralFolder {
 public:
  /// Gone with it. Throws: Error `cannot-write`.
  explicit NeutralFolder(const std::vector<runner::Script>& files);
  /// The same, and the project that `program` reads made out of them.
  /// Throws: Error `cannot-write`, `prepare-failed`.
  NeutralFolder(const std::vector<runner::Script>& files, const Program& program,
                const arena::Address& database);

  const std::filesystem::path& path() const { return read_; }

 private:
  fleet::WorkFolder folder_;
  std::filesystem::path read_;
};

/// The files that a call knows of, as the program's project.
NeutralFolder folder_for(const scenario::Call& call, const Folder& folder, const Program& program,
                         const arena::Database& database);

}  // namespace gauntlet::run
