// The checks of `gauntlet verify`: one file a check; each turns a folder and a database into a
// Result.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/report.h"
#include "harness/fleet/fleet.h"
#include "harness/formats/format.h"
#include "harness/truth/truth.h"
#include "runner/source/source.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::verify {

struct Options {
  std::filesystem::path migrations;
  formats::Format format = {.name = "auto"};  ///< auto: chosen by the files
  std::vector<std::string> checks;            ///< ids; empty: all
  std::string database;                       ///< `ephemeral`, a URL, or empty (lint only)
  arena::ArenaOptions arena;
  std::filesystem::path init_sql;     ///< --init-sql: the file that `arena.init_sql` was read from
  std::optional<std::string> runner;  ///< --runner; absent: gauntlet-migrate
  /// --subject: the file, and the program that it describes; `runner` is then its name.
  std::filesystem::path subject_file;
  std::optional<fleet::Subject> subject;
  std::string applied_query;  ///< --applied-query; empty: recognised
  /// --applied-through: every version up to it is applied, where no tracker tells.
  std::optional<std::int64_t> applied_through = {};
  std::vector<int> success_codes = {0};
  std::optional<std::string> service;  ///< --service: the user's service
  std::string health_url;              ///< --health-url
  std::size_t replicas = 16;
  std::chrono::milliseconds statement_timeout{300'000};
  std::chrono::milliseconds boot_deadline{30'000};
  /// --in-place: the dry run may use the given database itself while others are connected to it.
  bool in_place = false;
  std::chrono::milliseconds in_place_max{1'000};  ///< then for at most so long
  bool keep = false;
  bool allow_cluster_changes = false;
  std::vector<std::string> unstable_columns;  ///< --unstable-column: `table.column`
  /// --server-version: the major version that the migrations are for.
  std::optional<int> server_version = {};
  std::optional<std::chrono::milliseconds> time_budget = {};  ///< of all checks together
  std::uint64_t seed = 0;
};

/// What a check is doing now, for the live line: `replicas: 16 at the door`.
using Progress = std::function<void(std::string_view)>;

/// One run of the subject on an empty database that was held to what the files leave.
struct SerialRun {
  core::Snapshot left = {};
  std::set<std::string> own_tables = {};
  std::chrono::duration<double> took{0};
};

/// What one check learns and a later one of the same run need not learn again.
struct Learned {
  /// How a run of it that was watched on the wire locks.
  struct Locks {
    std::vector<core::Finding> flaws = {};
    bool at_the_server = false;
  };
  std::optional<Locks> locks = {};
  truth::Known on_empty;  ///< what all files leave on an empty database
  std::optional<SerialRun> run_on_empty = {};
  std::string never_ends = {};  ///< the run that stood still; empty: none did
};

/// What all checks of one run share.
struct Context {
  const Options& options;
  const runner::Listing& listing;
  arena::Arena* arena = nullptr;  ///< null only for lint
  Progress progress;
  std::vector<std::string> layout_notes = {};  ///< what the layout skips, and why
  /// The same steps as gauntlet-migrate reads them, where it runs files of another tool's layout;
  /// empty: the runner reads the user's own folder.
  std::filesystem::path translated = {};
  std::string only_by_its_runner = {};  ///< formats::Reading's
  std::vector<formats::Reading::CodeStep> skipped_steps = {};

  /// Nothing is compared: neither oracles nor the files judge a run. For the meta-tests alone.
  bool drops_judges = false;

  std::shared_ptr<Learned> learned = std::make_shared<Learned>();

  /// What {migrations} stands for in a run of the runner.
  const std::filesystem::path& runner_folder() const {
    return translated.empty() ? options.migrations : translated;
  }
};

struct Check {
  std::string_view id;     ///< `lint`
  std::string_view claim;  ///< one sentence: what holds
  bool needs_database;
  core::Result (*run)(const Context&);
};

/// lint, status, dry-run, boot, replicas, rollback: in the order in which they run.
const std::vector<Check>& checks();

/// How a check is run once it can be asked; the meta-tests put flaws in its place.
using RunCheck = std::function<core::Result(const Check&, const Context&)>;

/// Reads the folder and runs the chosen checks; an exception out of one is unknown for it, and the
/// others still run. Throws: Error of reading the folder (`no-such-folder`, `unreadable-file`).
core::Report verify(const Options& asked, const Progress& progress);
core::Report verify(const Options& asked, const Progress& progress, const RunCheck& run);

}  // namespace gauntlet::verify
