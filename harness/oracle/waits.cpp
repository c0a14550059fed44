#include "harness/oracle/waits.h"

#include "harness/oracle/effects.h"
#include "harness/sql/text.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

std::string name_of(const core::History& history, int backend_pid) {
  const auto replica = replica_of(history, backend_pid);
  return fmt::format("server process {}{}", backend_pid,
                     replica ? fmt::format(" (replica {})", *replica) : "");
}

const core::SessionWait* session_of(const core::History& history, int backend_pid) {
  const auto found = std::ranges::find(history.waits, backend_pid, &core::SessionWait::backend_pid);
  return found == history.waits.end() ? nullptr : &*found;
}

std::string blocker_of(const core::History& history, int backend_pid) {
  std::string text = name_of(history, backend_pid);
  const core::SessionWait* blocker = session_of(history, backend_pid);
  if (blocker == nullptr) return text;
  const bool is_active = blocker->state == "active";
  return text + fmt::format(", which {} {}", is_active ? "runs" : "is " + blocker->state + " after",
                            sql::one_line(blocker->statement));
}

bool is_waiting(const core::SessionWait& wait) {
  return !wait.blocked_by.empty() || wait.wait_event_type == "Lock";
}

}  // namespace

std::optional<std::size_t> replica_of(const core::History& history, int backend_pid) {
  for (const core::Event& event : history.events)
    if (event.kind == core::Event::Kind::opened && event.backend_pid == backend_pid)
      return event.replica;
  return std::nullopt;
}

Wait wait_of(const core::History& history, std::size_t replica) {
  const auto is_its = [&](const core::SessionWait& wait) {
    const auto whose = replica_of(history, wait.backend_pid);
    return is_waiting(wait) && (!whose || *whose == replica);
  };
  const auto found = std::ranges::find_if(history.waits, is_its);
  if (found == history.waits.end()) return {};
  Wait wait{.text = fmt::format(
                "{} runs {} and waits ({} {})", name_of(history, found->backend_pid),
                sql::one_line(found->statement), found->wait_event_type, found->wait_event)};
  for (const int blocker : found->blocked_by) {
    wait.text += fmt::format("{}{}", blocker == found->blocked_by.front() ? " for " : " and ",
                             blocker_of(history, blocker));
    const auto whose = replica_of(history, blocker);
    wait.is_for_another_replica = wait.is_for_another_replica || (whose && *whose != replica);
  }
  return wait;
}

}  // namespace gauntlet::oracle
