// The report as a value: what every command that judges returns, and what harness/report/ prints.
#pragma once

#include "harness/core/verdict.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::core {

/// A lock that a migration took on a relation that existed before it.
struct RelationLock {
  std::string relation = {};              ///< schema-qualified
  std::string mode = {};                  ///< as pg_locks names it: AccessExclusiveLock
  std::chrono::duration<double> held{0};  ///< seconds until its transaction ended
  bool rewritten = false;                 ///< its file on disk was replaced (relfilenode)
};

/// What became of one migration file in a dry run or a rehearsal.
struct FileOutcome {
  enum class What { ok, failed, not_judged };

  std::string file = {};
  std::int64_t version = 0;
  What what = What::ok;
  std::string why = {};  ///< of not_judged: `follows 004`
  std::chrono::duration<double> seconds{0};
  std::vector<RelationLock> locks = {};
};

/// `ok`, `failed`, `not judged: follows 004`.
std::string to_string(const FileOutcome& file);

/// An oracle that was not asked. With `not_applicable` that was decided before the run, from what
/// the subject declares or shows alone; with `unknown` the run itself left it nothing to judge.
struct SkippedOracle {
  std::string id = {};
  std::string stage = {};
  std::string reason = {};
  Verdict verdict = Verdict::not_applicable;
};

/// What happened in a run, in order, told to somebody who was not there.
struct Story {
  std::string title = {};  ///< `what happened in the stage "deploy"`
  std::vector<std::string> lines = {};
};

/// One check or scenario, judged for one subject.
struct Result {
  std::string id = {};       ///< `check/dry-run`
  std::string subject = {};  ///< `gauntlet-migrate`, or the runner's command
  Judgement judgement = {};
  std::chrono::duration<double> seconds{0};
  std::string replay = {};  ///< the command that repeats it
  /// Facts worth a line each: the mode used, sequences that moved.
  std::vector<std::string> notes = {};
  std::vector<FileOutcome> files = {};  ///< dry run and rehearsal only
  std::vector<SkippedOracle> skipped = {};
  std::string claim = {};  ///< of a scenario: what should hold
  std::string why = {};    ///< of a scenario: what happens in production where it does not
  Story story = {};        ///< of a scenario that does not hold
  /// Of what was run more than once: how often it came to what, `holds` -> 199.
  std::map<std::string, std::size_t> repeats = {};
};

struct ServerFacts {
  std::string version = {};                          ///< `15.20`, or `SQLite 3.40.1`
  std::string locale = {};                           ///< of the database judged
  std::map<std::string, std::string> settings = {};  ///< those that differ from a stock server
};

/// `PostgreSQL 15.20`, `SQLite 3.40.1`.
std::string server_name(const ServerFacts& server);

struct Report {
  std::string kind = "check";  ///< what a result is one of, as the table's heading says it
  std::uint64_t seed = 0;
  std::optional<ServerFacts> server = {};  ///< absent when no server was asked
  std::vector<Result> results = {};

  /// Worst of the results; unknown when nothing held and nothing was violated.
  Verdict verdict() const;
  /// 0 holds, 1 violated, 2 unknown.
  int exit_code() const;
};

}  // namespace gauntlet::core
