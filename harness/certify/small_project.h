// A project of a few files of ours in the layout that a runner reads, which may be made again with
// other files. One thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/fleet/subject_file.h"

#include <filesystem>
#include <string>
#include <vector>

namespace gauntlet::certify {

struct SmallFile {
  int version = 0;
  std::string up = {}, down = {};
};

class SmallProject {
 public:
  /// Both outlive it.
  SmallProject(const fleet::SubjectFile& subject, const arena::Database& database)
      : subject_(subject), database_(database) {}

  /// In the place of what was there. Throws: Error `cannot-write`, of a project.
  void write(const std::vector<SmallFile>& files) const;
  std::filesystem::path path() const { return work_.path() / "project"; }
  /// One run of the subject over it, to its end. Throws: Error `cannot-start`.
  core::History run() const;
  /// It ended with one of the subject's codes of success.
  bool is_ok(const core::History& run) const;
  /// The last words of a run.
  static std::string said(const core::History& run);

 private:
  const fleet::SubjectFile& subject_;
  const arena::Database& database_;
  const fleet::WorkFolder work_;
};

}  // namespace gauntlet::certify
