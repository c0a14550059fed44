// What the runner would apply to the given database, computed as the runner computes it.
// Reads through the caller's session, on the caller's thread.
#pragma once

#include "harness/verify/check.h"
#include "runner/inspect.h"
#include "runner/values/session.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::verify {

/// The given database's applied set beside the folder.
struct AppliedState {
  runner::Inspection inspection;
  std::string tracker = {};  ///< where it was read; empty if the database has none
  /// Why it cannot be told; then `inspection` is empty.
  std::string cannot_tell = {};
  bool only_newest = false;  ///< the tracker keeps no other version
  std::vector<std::string> notes = {};
  /// Why gauntlet-migrate cannot go on from it: it is another tool's, and no --runner was named.
  std::string not_ours = {};
};

/// A session of ours: no timeout of the database or the role bounds what it reads.
/// Throws: Error `connect-failed`.
std::unique_ptr<runner::Session> connect_unbounded(const arena::Address& address,
                                                   const std::string& application_name);

/// gauntlet-migrate's tracker, a predecessor's included, or that of any tool that is known; with
/// --runner or --applied-query that runner's own. A database without a tracker has nothing applied
/// if it is empty or was made for this run; else it cannot be told. Throws: SqlError, Error.
AppliedState applied_state(const Context& context, runner::Session& session);

/// The applied set of a database that the subject itself has migrated; nullopt with the reason in
/// `missing`. Throws: Error.
std::optional<core::Applied> applied_by_subject(const Options& options,
                                                const arena::Address& database,
                                                std::string& missing);

/// Why the runner would not even start on such a database; empty if it would.
std::string why_not_started(const AppliedState& state);

/// The pending migrations of `state`, ascending; they point into the context's listing.
std::vector<const runner::Migration*> pending_of(const Context& context, const AppliedState& state);

/// The tables that hold the applied set: what a copy of the database must not lack.
std::vector<std::string> tracker_tables(const AppliedState& state);

/// `gauntlet-migrate`, or the command of --runner.
std::string subject_name(const Options& options);

}  // namespace gauntlet::verify
