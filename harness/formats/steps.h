// Builds what a layout reads: steps in ascending order, with the problems that its rules see.
#pragma once

#include "harness/formats/format.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::formats {

/// One file's part in a step.
struct Part {
  const File* file = nullptr;
  runner::Version version = {};
  std::string name = {};
  std::string sql = {};  ///< neutral text
  /// Of a tool that sorts versions as texts: the version as it is written; else empty.
  std::string order = {};
};

/// Outlives neither the format nor the files that it was given.
class Steps {
 public:
  explicit Steps(const Format& format) : format_(format) {}

  /// A step without a name is called as its file is, `0001`.
  void up(Part part) { ups_.push_back(named(std::move(part))); }
  void down(Part part) { downs_.push_back(named(std::move(part))); }
  /// A file whose name or content this tool passes over, though somebody meant a migration.
  void unrecognized(const File& file);
  void note(std::string text) { reading_.notes.push_back(std::move(text)); }
  void skipped(Reading::CodeStep step) { reading_.skipped.push_back(std::move(step)); }
  /// The first reason counts.
  void only_by_its_runner(std::string why) {
    if (reading_.only_by_its_runner.empty()) reading_.only_by_its_runner = std::move(why);
  }
  void problem(runner::Problem problem) { reading_.listing.problems.push_back(std::move(problem)); }

  Reading reading();

 private:
  static Part named(Part part);
  void judge_duplicates(const std::vector<Part>& parts, std::string_view id,
                        std::string_view direction);
  void judge_lone_downs();
  void look_for_psql();
  void add(const Part& up);
  runner::Script script_of(const Part& part);

  const Format& format_;
  std::vector<Part> ups_, downs_;
  Reading reading_;
};

/// `003_add_index`: its number, and what follows it and `separator`. nullopt where the stem does
/// not begin so, or the number is larger than a version can be.
struct Numbered {
  runner::Version version = {};
  std::string name = {};
};
std::optional<Numbered> numbered(std::string_view stem, std::string_view separators = "_");

}  // namespace gauntlet::formats
