// Where in a message an error arose, and how a failing migration is reported. Pure. Any thread may
// call.
#pragma once

#include "runner/apply/task.h"
#include "runner/values/message.h"
#include "runner/values/migration.h"
#include "runner/values/session.h"
#include "runner/values/sql_dialect.h"

#include <string>

namespace gauntlet::runner {

/// Where an error of a message arose.
struct ErrorSite {
  enum class Where { body, end_of_body, ours };

  Where where = Where::body;
  Place place;                         ///< in the body; at its end for end_of_body
  Purpose purpose = Purpose::setting;  ///< of ours
};

ErrorSite site_of(const Message& message, const SqlError& error, const SqlDialect& dialect);

/// A failing migration, told by where it failed: `migration-failed`, `lock-lost`, `not-recorded`,
/// `connection-lost`. `state` says in words what remains of it.
SqlError failure_of(const Task& task, const ErrorSite& site, const SqlError& error,
                    const SqlDialect& dialect, const std::string& state);

}  // namespace gauntlet::runner
