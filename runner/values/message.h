// A migration's body between statements of ours, as one message; and where in it an error belongs.
// Pure. Any thread may call.
#pragma once

#include "runner/values/delivery.h"
#include "runner/values/migration.h"
#include "runner/values/session.h"
#include "runner/values/task.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::runner {

/// What a statement of ours is there for.
enum class Purpose {
  begin,
  turn,     ///< takes the lock of this transaction, where the lock mode is of that kind
  recheck,  ///< fails where another replica did it meanwhile
  setting,
  proof,
  record,
  notify,
  commit,
};

struct OwnStatement {
  Purpose purpose;
  std::string sql;
};

struct Message {
  std::vector<OwnStatement> before;  ///< ASCII only, so that characters are bytes
  std::string_view body;             ///< of the caller; may be empty
  std::vector<OwnStatement> after;

  std::string text() const;
};

/// Where an error of a message arose.
struct ErrorSite {
  enum class Where { body, end_of_body, ours };

  Where where = Where::body;
  Place place;                         ///< in the body; at its end for end_of_body
  Purpose purpose = Purpose::setting;  ///< of ours
};

ErrorSite site_of(const Message& message, const SqlError& error);

/// A failing migration, told by where it failed: `migration-failed`, `lock-lost`, `not-recorded`,
/// `connection-lost`. `state` says in words what remains of it.
SqlError failure_of(const Task& task, const ErrorSite& site, const SqlError& error,
                    const std::string& state);

}  // namespace gauntlet::runner
