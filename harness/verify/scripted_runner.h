// Runners as people write them, bash around psql, for the tests of boot and replicas: an honest
// one, and some with one flaw each. Test code; any thread.
#pragma once

#include "harness/verify/check.h"
#include "runner/source/source.h"

#include <filesystem>
#include <string>
#include <vector>

namespace gauntlet::verify {

/// A migration as a test writes it down.
struct WrittenFile {
  std::string name, sql;
};
using Files = std::vector<WrittenFile>;

/// A folder with migrations and a runner, the options of a check over both; all gone with it.
class ScriptedRunner {
 public:
  /// `script` gets the migrations' folder as its first argument and reaches the database by PGHOST
  /// ….
  ScriptedRunner(const Files& files, const std::string& script);
  /// The reference runner in its place.
  explicit ScriptedRunner(const Files& files);
  explicit ScriptedRunner(const std::filesystem::path& migrations);
  ~ScriptedRunner();
  ScriptedRunner(const ScriptedRunner&) = delete;
  ScriptedRunner& operator=(const ScriptedRunner&) = delete;

  core::Result run(core::Result (*check)(const Context&)) const;
  Context context() const;

  Options options;
  runner::Listing listing;
  std::unique_ptr<arena::Arena> arena;

 private:
  std::filesystem::path folder_;
};

/// A table, then three files that only change data.
Files journal_files();

/// One psql session that applies each pending file and records it; `before`, `after` are SQL around
/// all.
std::string one_session_runner(const std::string& before, const std::string& after);

/// The same under a session lock: the honest one.
std::string locking_runner();

}  // namespace gauntlet::verify
