// The files of a stage, for a program to read. One thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/fleet/fleet.h"
#include "harness/run/folder.h"
#include "harness/run/program.h"
#include "harness/scenario/scenario.h"
#include "runner/source/source.h"

#include <filesystem>
#include <string_view>
#include <vector>

namespace gauntlet::run {

/// Can a file that shares its number with another one be written for the layout?
bool takes_odd_files(const fleet::SubjectFile& project);
/// And one of this name, whose number or ending is amiss?
bool takes_odd_file(const fleet::SubjectFile& project, std::string_view name);

class NeutralFolder {
 public:
  /// Gone with it. Throws: Error `cannot-write`.
  explicit NeutralFolder(const std::vector<runner::Script>& files);
  /// The same, and the project that `program` reads made out of them. A file whose name is amiss,
  /// or whose number another one has, joins it as somebody would have written it by hand. Throws:
  /// Error `cannot-write`, `prepare-failed`.
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
