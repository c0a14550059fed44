// The sockets of the proxy: where it listens and how it reaches the server. Nothing here blocks but
// resolve(), which is asked once. One thread at a time.
#pragma once

#include "harness/process/fd.h"

#include <filesystem>
#include <string>

#include <sys/socket.h>

namespace gauntlet::proxy {

/// Where the server is: a name or an address, or the folder of its unix socket.
struct Upstream {
  std::string host = {}, port = {};
};

/// The same, as the kernel wants it.
struct SocketAddress {
  sockaddr_storage bytes = {};
  socklen_t size = 0;
};

/// The first address of `upstream` that takes a connection.
/// Throws: Error `connect-failed`.
SocketAddress resolve(const Upstream& upstream);

/// On 127.0.0.1, at a port that the kernel chooses; `port` is set to it.
/// Throws: Error `cannot-listen`.
process::Fd listen_on_loopback(int& port);
/// In `folder`, under the name that libpq looks for.
/// Throws: Error `cannot-listen`.
process::Fd listen_in(const std::filesystem::path& folder, int port);

/// A connection that came; not open when none did. `exhausted` tells that there was no descriptor
/// left for it.
process::Fd accept_from(int listener, bool& exhausted);

/// Begins to connect. Not open, with errno EAGAIN, when the server's queue is full for now, and
/// with another errno when there is no server.
process::Fd begin_to_connect(const SocketAddress& address);
/// 0, or the errno of a connection that was begun.
int connect_error(int fd);

}  // namespace gauntlet::proxy
