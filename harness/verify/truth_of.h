// The files of a check and one run of its runner, as the room `truth` wants them. Any thread.
#pragma once

#include "harness/core/history.h"
#include "harness/fleet/fleet.h"
#include "harness/truth/truth.h"
#include "harness/verify/boot_run.h"
#include "harness/verify/check.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gauntlet::verify {

using MakeDatabase = std::function<std::unique_ptr<arena::Database>()>;

/// A run that was watched on the wire, or one that was not because the runner cannot be run there.
struct WatchedRun {
  std::unique_ptr<arena::Database> database;
  core::History history = {};
  bool was_watched = true;
};

/// Runs the subject through the wire door; if that run fails, once more without it, on another
/// database, and that run counts. Throws: Error `cannot-start` and those of `make`.
WatchedRun run_watched(const fleet::Subject& subject, const Context& context,
                       const MakeDatabase& make, const RunBounds& bounds);

/// The same without the wire door, on a database that was made before.
core::History run_alone(const fleet::Subject& subject, const Context& context,
                        const arena::Database& database, const RunBounds& bounds);

/// The files as they lie on disk, each with its format's way of being sent.
std::vector<truth::File> files_of(const std::vector<const runner::Migration*>& migrations,
                                  const Options& options);
std::vector<const runner::Migration*> all_migrations(const runner::Listing& listing);

/// Where the runner records, by `applied`.
std::set<std::string> own_tables(const arena::Address& address,
                                 const std::optional<core::Applied>& applied,
                                 const std::string& tracker);

/// What the runner makes for itself beside `trackers`, which it records in: see
/// oracle::Observation::own_tables.
std::set<std::string> made_beside(const truth::Sent& sent, const std::vector<truth::File>& files,
                                  const std::set<std::string>& trackers);

/// Holds a successful run to what the files leave; its findings name the files.
truth::Answer hold_to_files(const Context& context, const std::vector<truth::File>& files,
                            const truth::Sent& sent, const core::Snapshot& left,
                            std::set<std::string> own_tables, const MakeDatabase& another,
                            truth::Known& known);

/// truth::calibrated() of what a serial run left; nullopt also where the files cannot be applied a
/// second time, or another database cannot be had.
std::optional<core::Snapshot> calibrated_by_files(const Context& context,
                                                  const std::vector<truth::File>& files,
                                                  const truth::Sent& sent,
                                                  const core::Snapshot& left,
                                                  const MakeDatabase& another, truth::Known& known);

}  // namespace gauntlet::verify
