// A runner alone and without any harm: what it does, what its files leave, and how its tracker is
// read. All that a sweep or a mutant is held to. Made on one thread, read by any.
#pragma once

#include "harness/arena/arena.h"
#include "harness/crash/outcome.h"
#include "harness/crash/prefixes.h"
#include "harness/fleet/subject_file.h"
#include "harness/formats/format.h"
#include "harness/trace/trace.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gauntlet::crash {

class Clean {
 public:
  /// The built-in migrations: five small ones, or four of which three only add rows.
  enum class Files { small, data_only };
  struct Asked {
    fleet::SubjectFile subject;
    std::filesystem::path migrations = {};  ///< empty: the built-in ones
    std::string format = {};                ///< layout of `migrations`
    std::string applied_query = {};         ///< empty: recognised
    Files files = Files::small;
  };

  /// Runs the subject alone, twice, and applies the files plainly. The arena outlives it.
  /// Throws: Error `runner-failed`, `files-refused`, `clean-run-differs`, of the arena, of a
  /// project.
  Clean(Asked asked, arena::Arena& arena, const std::function<void(std::string_view)>& progress);

  const Asked& asked() const { return asked_; }
  /// A project with the first built-in file alone. Throws: Error of a project.
  std::filesystem::path project_of_first(const arena::Database& database);

  std::filesystem::path migrations = {};  ///< the folder that the runner reads
  std::string tool = {};                  ///< whose tracker it is, if that is known
  std::vector<truth::File> files = {};
  core::History history = {};
  trace::TracedRun traced = {};
  std::string tracker_table = {};  ///< as the wire showed it; empty: none was recognised
  truth::Sent sent = {};
  std::set<std::string> own_tables = {};
  Tracker tracker = {};
  std::chrono::milliseconds took{0};
  std::optional<Prefixes> prefixes = {};
  std::vector<std::string> notes = {};

 private:
  void make_files();
  formats::ProjectFiles files_to_write(bool concurrent) const;
  void write_project(const arena::Database& database, bool concurrent);
  void run_clean(arena::Arena& on);
  void run_twice(arena::Arena& on, std::optional<bool> concurrent = {});
  core::History run_alone() const;
  void require_all_taken() const;
  std::string texts_of_files() const;
  /// What it creates and no file mentions, and its tracker.
  std::set<std::string> tables_of_runner(const std::string& traced_table) const;
  void require_clean_state();

  const Asked asked_;
  fleet::WorkFolder work_;
  bool may_be_outside_ = false;  ///< the layout can say that a file wants no transaction
  std::unique_ptr<arena::Database> database_;
  std::vector<truth::OwnStatement> own_ = {};  ///< the runner's, of every session
};

}  // namespace gauntlet::crash
