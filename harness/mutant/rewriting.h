// Sessions that say something else to the server than the runner did, or tell it something else:
// what most flaws are made of. As sessions, each belongs to one thread at a time.
#pragma once

#include "runner/values/session.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::mutant {

/// Every message passes `rewrite` before it is sent.
using Rewrite = std::function<std::string(std::string)>;
std::unique_ptr<runner::Session> saying(std::unique_ptr<runner::Session> session, Rewrite rewrite);

/// How many messages have passed a rewrite in this process, and how many of them it changed. Any
/// thread may call.
struct Rewritten {
  long seen = 0, changed = 0;
};
Rewritten rewritten();

/// Every message's results pass `retell` before the runner sees them.
using Retell = std::function<void(const std::string& message, std::vector<runner::Result>&)>;
std::unique_ptr<runner::Session> told(std::unique_ptr<runner::Session> session, Retell retell);

/// A notification wakes the runner, which does not hear what it says.
std::unique_ptr<runner::Session> deaf(std::unique_ptr<runner::Session> session);

/// `send` takes the place of each message's being sent: it may send others to `session`, or none.
using Send = std::function<std::vector<runner::Result>(runner::Session& session,
                                                       const std::string& message)>;
std::unique_ptr<runner::Session> sending(std::unique_ptr<runner::Session> session, Send send);

/// `text` with every match of the regular expression replaced.
std::string replaced(const std::string& text, const char* pattern, const char* by);

bool has(const std::string& text, const char* part);

/// The lock as the runner asks for it, and its proof that it still has it.
inline constexpr const char* try_lock = R"(pg_catalog\.pg_try_advisory_lock\(-?\d+\)::text)";
inline constexpr const char* proof =
    R"(1 / pg_catalog\.pg_try_advisory(_xact)?_lock\(-?\d+\)::int)";

/// Does `message` try to take the lock?
bool tries_lock(const std::string& message);
/// The results of a message that tries it, as if the lock had been given.
void tell_that_it_has(std::vector<runner::Result>& results);

/// `message` without what proves the lock.
std::string without_proof(const std::string& message);
/// Without the lock, but in the belief that it was taken.
std::string without_lock(const std::string& message);

/// The message that runs a migration in a transaction, in two parts.
struct BodyAndRecord {
  std::string body;    ///< BEGIN and the migration's own statements
  std::string record;  ///< what follows them: settings, proof, the row, COMMIT
};
/// Nothing for any other message.
std::optional<BodyAndRecord> body_and_record(const std::string& message);

}  // namespace gauntlet::mutant
