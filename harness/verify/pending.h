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
  std::vector<std::string> notes = {};
};

/// A session of ours: no timeout of the database or the role bounds what it reads.
/// Throws: Error `connect-failed`.
std::unique_ptr<runner::Session> connect_unbounded(const arena::Address& address,
                                                   const std::string& application_name);

/// gauntlet-migrate's tracker, a predecessor's included; with --runner or --applied-query that
/// runner's own. Throws: SqlError, Error.
AppliedState applied_state(const Context& context, runner::Session& session);

/// The pending migrations of `state`, ascending; they point into the context's listing.
std::vector<const runner::Migration*> pending_of(const Context& context, const AppliedState& state);

/// The tables that hold the applied set: what a copy of the database must not lack.
std::vector<std::string> tracker_tables(const AppliedState& state);

/// `gauntlet-migrate`, or the command of --runner.
std::string subject_name(const Options& options);

}  // namespace gauntlet::verify
