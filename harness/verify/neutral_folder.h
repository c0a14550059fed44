// The migrations of a stage as files that a program reads. One thread.
#pragma once

#include "harness/fleet/fleet.h"
#include "harness/verify/program.h"
#include "runner/source.h"

#include <filesystem>

namespace gauntlet::verify {

class NeutralFolder {
 public:
  /// The listing's files; gone with it. Throws: Error `cannot-write`.
  explicit NeutralFolder(const runner::Listing& listing);
  /// The same, and the project that `program` reads made out of them.
  /// Throws: Error `cannot-write`, `prepare-failed`.
  NeutralFolder(const runner::Listing& listing, const Program& program,
                const arena::Address& database);

  const std::filesystem::path& path() const { return read_; }

 private:
  fleet::WorkFolder folder_;
  std::filesystem::path read_;
};

}  // namespace gauntlet::verify
