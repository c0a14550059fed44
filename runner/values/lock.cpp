#include "runner/values/lock.h"

#include <chrono>

#include <fmt/format.h>

namespace gauntlet::runner {

std::string LockHolder::text() const {
  if (!file.empty())
    return fmt::format("process {} ({}), which has the lock on {}", pid, application, file);
  std::string from = application.empty() ? "" : fmt::format(" \"{}\"", application);
  from += address.empty() ? " over a local socket" : " from " + address;
  const std::string doing = statement.empty() ? "" : fmt::format(", statement: {}", statement);
  return fmt::format("pid {}{}, since {}, {}{} (to end it: SELECT pg_terminate_backend({}))", pid,
                     from, since, state.empty() ? "state unknown" : state, doing, pid);
}

std::vector<Result> Lock::send_at_once(Session& session, const Message& message) {
  const LimitedWhile at_once(
      session, [](StatementLimits& limits) { limits.lock_wait = std::chrono::milliseconds(0); });
  return session.send_message(message);
}

}  // namespace gauntlet::runner
