// What a failing file needs and an empty database of this server does not have: an extension that
// no file creates, a later version of PostgreSQL, an order that no name tells. Told by SQLSTATE and
// the names in the message.
// Reads through the caller's session, on the caller's thread.
#pragma once

#include "runner/values/migration.h"
#include "runner/values/session.h"

#include <optional>
#include <span>
#include <string>

namespace gauntlet::verify {

/// Nullopt where the failure is the file's own. The session must be able to run queries. Throws:
/// SqlError.
std::optional<std::string> prerequisite_fault(runner::Session& session,
                                              const runner::Migration& failing,
                                              const runner::ServerMessage& said,
                                              std::span<const runner::Migration> all);

/// How a file fares in a transaction of its own that is rolled back.
struct WhenSent {
  /// It fails there, for a reason that is no matter of how or when it is sent.
  bool fails = false;
  std::optional<std::string> fault = {};  ///< what environment_fault() makes of the failure
};
/// For a throwaway database. Throws: SqlError.
WhenSent when_sent(runner::Session& session, const runner::Migration& failing,
                   std::span<const runner::Migration> all);

}  // namespace gauntlet::verify
