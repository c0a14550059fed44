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
  reset,      ///< of what a migration did to its session
  proof,      ///< fails where another session has the migration lock
  glance,     ///< the one read before the lock
  read,       ///< of the tracker, or of what there is of it
  create,     ///< of the tracker's tables
  search,     ///< for a predecessor's tracker
  quiet,      ///< keeps a predecessor from writing its tracker
  take_over,  ///< reads what a predecessor's tracker says
  ask,        ///< who answers, who holds what, how a statement is ended
  look_up,    ///< in the catalogue: what a statement outside a transaction has left
  repair,     ///< of what that left
  undo,       ///< of what a migration left in its session
  record,
  notify,
  listen,
  unlisten,
  release,  ///< of the session's migration lock
  commit,
  roll_back,
};

struct OwnStatement {
  Purpose purpose;
  std::string sql;
};

struct Message {
  std::vector<OwnStatement> before;  ///< ASCII only, so that characters are bytes
  std::string_view body;             ///< of the caller; may be empty
  std::vector<OwnStatement> after;

  /// What is sent; without a semicolon at its end.
  std::string text() const;
};

/// A message that is one statement of ours.
Message message_of(Purpose purpose, std::string sql);

/// How many bytes of a message's text stand before its body.
std::size_t bytes_before_body(const Message& message);

/// Appends `sql` unless it is empty: a lock mode has no such statement then.
void add_statement(std::vector<OwnStatement>& statements, Purpose purpose, std::string sql);

}  // namespace gauntlet::runner
