#include "harness/proxy/socket.h"

#include "runner/values/error.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace gauntlet::proxy {
namespace {

using process::Fd;

constexpr int backlog = 1024;
constexpr int resolve_patience_ms = 10'000;

std::string words_of(int number) { return std::generic_category().message(number); }

/// A statement is answered at once: nothing waits for more to send with it.
void send_at_once(int fd, int family) {
  const int one = 1;
  if (family == AF_INET || family == AF_INET6)
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

SocketAddress unix_address(const std::filesystem::path& file) {
  SocketAddress address;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (file.native().size() >= sizeof name.sun_path)
    throw runner::Error("cannot-listen", "the path of the socket is too long for this system",
                        file.string(), "name a shorter folder");
  std::memcpy(name.sun_path, file.c_str(), file.native().size());
  std::memcpy(&address.bytes, &name, sizeof name);
  address.size = sizeof name;
  return address;
}

const sockaddr* as_sockaddr(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr*>(&address.bytes);
}

Fd bound_listener(const SocketAddress& address, const std::string& where) {
  Fd fd(socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.is_open() && bind(fd.get(), as_sockaddr(address), address.size) == 0 &&
      listen(fd.get(), backlog) == 0)
    return fd;
  throw runner::Error("cannot-listen", "the proxy cannot listen: " + words_of(errno), where,
                      "free what holds that address, or name another folder");
}

/// Does somebody answer at this address? Waits, within a bound.
bool answers(const SocketAddress& address) {
  const Fd fd = begin_to_connect(address);
  if (!fd.is_open()) return errno == EAGAIN;
  pollfd waited{.fd = fd.get(), .events = POLLOUT, .revents = 0};
  if (poll(&waited, 1, resolve_patience_ms) != 1) {
    errno = ETIMEDOUT;
    return false;
  }
  errno = connect_error(fd.get());
  return errno == 0;
}

}  // namespace

SocketAddress resolve(const Upstream& upstream) {
  const std::string where = upstream.host + ":" + upstream.port;
  const auto failed = [&](const std::string& why) {
    return runner::Error("connect-failed", "the server cannot be reached: " + why, where,
                         "start it, or name where it listens");
  };
  if (upstream.host.starts_with('/')) {
    const auto address = unix_address(upstream.host + "/.s.PGSQL." + upstream.port);
    if (!answers(address)) throw failed(words_of(errno));
    return address;
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(upstream.host.c_str(), upstream.port.c_str(), &hints, &found);
  if (error != 0) throw failed(gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, freeaddrinfo);
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    SocketAddress address;
    std::memcpy(&address.bytes, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
    if (answers(address)) return address;
  }
  throw failed(words_of(errno));
}

Fd listen_on_loopback(int& port) {
  SocketAddress address;
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::memcpy(&address.bytes, &name, sizeof name);
  address.size = sizeof name;
  Fd fd = bound_listener(address, "127.0.0.1");
  socklen_t size = sizeof name;
  if (getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size) != 0)
    throw std::system_error(errno, std::generic_category(), "getsockname");
  port = ntohs(name.sin_port);
  return fd;
}

Fd listen_in(const std::filesystem::path& folder, int port) {
  const auto file = folder / fmt::format(".s.PGSQL.{}", port);
  return bound_listener(unix_address(file), file.string());
}

Fd accept_from(int listener, bool& exhausted) {
  Fd fd(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  exhausted =
      !fd.is_open() && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM);
  if (fd.is_open()) {
    SocketAddress address;
    address.size = sizeof address.bytes;
    getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address.bytes), &address.size);
    send_at_once(fd.get(), address.bytes.ss_family);
  }
  return fd;
}

Fd begin_to_connect(const SocketAddress& address) {
  Fd fd(socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return fd;
  send_at_once(fd.get(), address.bytes.ss_family);
  if (connect(fd.get(), as_sockaddr(address), address.size) == 0 || errno == EINPROGRESS) return fd;
  const int why = errno;
  fd.close();
  errno = why;
  return fd;
}

int connect_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace gauntlet::proxy
