// A migration's body between statements of ours, as one message. Pure. Any thread may call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::runner {

/// What a statement of ours is there for.
enum class Purpose {
  begin,
  take,     ///< tries the session's migration lock
  turn,     ///< takes the lock of this transaction, where the lock mode is of that kind
  recheck,  ///< fails where another replica did it meanwhile
  setting,
  proof,      ///< fails where another session has the migration lock
  read,       ///< of the tracker, or of what there is of it
  create,     ///< of the tracker's tables
  take_over,  ///< looks for a predecessor's tracker, or records what it says
  record,
  notify,
  listen,
  release,  ///< of the session's migration lock
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

/// How many bytes of a message's text stand before its body.
std::size_t bytes_before_body(const Message& message);

/// Appends `sql` unless it is empty: a lock mode has no such statement then.
void add_statement(std::vector<OwnStatement>& statements, Purpose purpose, std::string sql);

}  // namespace gauntlet::runner
