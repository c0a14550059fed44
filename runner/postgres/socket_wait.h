// Waiting for a server's socket or for an interruption, whichever comes first. Any thread may call.
#pragma once

#include <chrono>

namespace gauntlet::runner {

struct SocketWait {
  enum class Woken { by_server, by_interrupt, by_time, by_failure };
  Woken woken;
  short events = 0;  ///< of the socket; none where a signal woke it
};

/// Waits at most `limit` for `events` (poll(2)) of `socket`, or until `interrupt_fd` (-1 for none)
/// is readable.
SocketWait wait_on_socket(int socket, short events, int interrupt_fd,
                          std::chrono::milliseconds limit);

}  // namespace gauntlet::runner
