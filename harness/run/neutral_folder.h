// The files of a stage, for a program to read. One thread.
#pragma once

#include "harness/fleet/fleet.h"
#include "harness/run/program.h"
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

}  // namespace gauntlet::run
