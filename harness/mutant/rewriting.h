// Sessions that say something else to the server than the runner did, or tell it something else:
// what most flaws are made of. What is changed is found by what the runner declares a statement to
// be there for, never by its text. As sessions, each belongs to one thread at a time.
#pragma once

#include "runner/values/message.h"
#include "runner/values/session.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::mutant {

using runner::Message;
using runner::Purpose;
using Results = std::vector<runner::Result>;

/// Hands on what each statement is there for, too. A text without a purpose is a message's body.
class SessionOfMutant : public runner::ForwardingSession {
 public:
  using ForwardingSession::ForwardingSession;
  Results send(std::string_view text) override;
  Results send_message(const Message& message) override { return inner().send_message(message); }
};

/// Every message passes `rewrite` before it is sent; one of which nothing is left is not sent.
using Rewrite = std::function<void(Message&)>;
std::unique_ptr<runner::Session> saying(std::unique_ptr<runner::Session> session, Rewrite rewrite);

/// How many messages have passed a rewrite in this process, and how many of them it changed. Any
/// thread may call.
struct Rewritten {
  long seen = 0, changed = 0;
};
Rewritten rewritten();

/// Every message's results pass `retell` before the runner sees them.
using Retell = std::function<void(const Message& message, Results&)>;
std::unique_ptr<runner::Session> told(std::unique_ptr<runner::Session> session, Retell retell);

/// A notification wakes the runner, which does not hear what it says.
std::unique_ptr<runner::Session> deaf(std::unique_ptr<runner::Session> session);

/// `send` takes the place of each message's being sent: it may send others to `session`, or none.
using Send = std::function<Results(runner::Session& session, const Message& message)>;
std::unique_ptr<runner::Session> sending(std::unique_ptr<runner::Session> session, Send send);

/// Does `message` hold a statement of ours that is there for `purpose`?
bool has(const Message& message, Purpose purpose);

/// `change` is called with each statement that is there for `purpose`.
void change_each(Message& message, Purpose purpose,
                 const std::function<void(std::string& sql)>& change);
void remove(Message& message, Purpose purpose);

/// The result of the first statement before the body that is there for `purpose`; null if the
/// message has none, or its results do not reach so far.
runner::Result* result_for(const Message& message, Purpose purpose, Results& results);

/// `sql` with the first `part` replaced, if it has one.
void replace_first(std::string& sql, std::string_view part, std::string_view by);

/// The results of a message that tries the lock, as if it had been given.
void tell_that_it_has(const Message& message, Results& results);
/// The runner tries the lock also where nothing is pending.
void try_lock_always(Message& message);

/// Without what proves the lock.
void drop_proof(Message& message);
/// Without the lock, but in the belief that it was taken.
void drop_lock(Message& message);

/// The message that runs a migration in a transaction, as two transactions.
struct BodyAndRecord {
  Message body;    ///< what stands before it, and the migration's own statements
  Message record;  ///< what follows them: settings, proof, the row
};
/// Nothing for any other message.
std::optional<BodyAndRecord> body_and_record(const Message& message);

}  // namespace gauntlet::mutant
