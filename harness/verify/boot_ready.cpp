#include "harness/verify/boot_ready.h"

#include "runner/values/error.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gauntlet::verify {

namespace {

using process::Fd;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void refuse(const std::string& ready, const std::string& why) {
  throw runner::Error(
      "bad-ready-url", why, ready,
      "give a path as /healthz, or a whole http://HOST:PORT/PATH; {port} is the port chosen");
}

/// Waits until `events` can be done on `fd`. False at the deadline.
bool wait_on(const Fd& fd, short events, steady_clock::time_point deadline) {
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd polled{.fd = fd.get(), .events = events, .revents = 0};
    const int ready = ::poll(&polled, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

Fd connect_to_one(const addrinfo& target, steady_clock::time_point deadline) {
  Fd fd(::socket(target.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return {};
  if (::connect(fd.get(), target.ai_addr, target.ai_addrlen) == 0) return fd;
  int error = errno;
  if (error == EINPROGRESS && wait_on(fd, POLLOUT, deadline)) {
    socklen_t size = sizeof error;
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0) return fd;
  }
  return {};
}

Fd connect_to(const ReadyAddress& address, steady_clock::time_point deadline) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (Fd fd = connect_to_one(*each, deadline); fd.is_open()) return fd;
  }
  return {};
}

bool send_all(const Fd& fd, std::string_view text, steady_clock::time_point deadline) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if ((errno != EAGAIN && errno != EINTR) || !wait_on(fd, POLLOUT, deadline)) {
      return false;
    }
  }
  return true;
}

/// The first line of the answer, without its end; empty if it did not come whole.
std::string first_line(const Fd& fd, steady_clock::time_point deadline) {
  std::string line;
  std::array<char, 256> buffer{};
  while (line.size() < 1024 && wait_on(fd, POLLIN, deadline)) {
    const ssize_t got = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return {};
    if (got > 0) line.append(buffer.data(), static_cast<std::size_t>(got));
    if (const std::size_t end = line.find('\n'); end != std::string::npos)
      return line.substr(0, end);
  }
  return {};
}

/// The code of `HTTP/1.1 200 OK` (RFC 9112, section 4).
std::optional<int> status_of(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (!line.starts_with("HTTP/1.") || space == std::string_view::npos) return std::nullopt;
  int status = 0;
  const std::string_view digits = line.substr(space + 1, 3);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), status);
  if (error != std::errc() || end != digits.data() + 3) return std::nullopt;
  return status;
}

struct PortRange {
  int first = 32'768, last = 60'999;
};

PortRange ports_of_the_kernel() {
  PortRange range;
  const std::unique_ptr<FILE, int (*)(FILE*)> file(
      std::fopen("/proc/sys/net/ipv4/ip_local_port_range", "re"), &std::fclose);
  std::array<char, 64> line{};
  if (!file || std::fgets(line.data(), line.size(), file.get()) == nullptr) return range;
  const std::string_view text(line.data());
  const std::size_t second = text.find_first_of(" \t");
  if (second == std::string_view::npos) return range;
  std::from_chars(text.data(), text.data() + second, range.first);
  const std::size_t digits = text.find_first_not_of(" \t", second);
  std::from_chars(text.data() + digits, text.data() + text.size(), range.last);
  return range;
}

/// Could a service listen on `port` of every address now? 0 asks the kernel for one. Returns the
/// port, or 0.
int bindable(int port) {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (!fd.is_open() || ::bind(fd.get(), any, size) != 0) return 0;
  return ::getsockname(fd.get(), any, &size) == 0 ? ntohs(address.sin_port) : 0;
}

}  // namespace

std::string ReadyAddress::url() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}{}", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", port,
                     path);
}

ReadyAddress parse_ready(const std::string& ready, int service_port) {
  if (ready.empty())
    refuse("--health-url", "nothing says where the service tells that it is ready");
  if (ready.find_first_of(" \t\r\n") != std::string::npos)
    refuse(ready, "white space is in no URL");
  if (ready.starts_with('/')) return {"127.0.0.1", std::to_string(service_port), ready};

  constexpr std::string_view scheme = "http://";
  if (!ready.starts_with(scheme)) refuse(ready, "readiness is asked by plain http only");
  const std::size_t slash = ready.find('/', scheme.size());
  const std::string path = slash == std::string::npos ? "/" : ready.substr(slash);
  std::string authority = ready.substr(scheme.size(), slash - scheme.size());
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  std::string port = "80";
  if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket)) {
    port = authority.substr(colon + 1);
    authority.resize(colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  const bool is_number = !port.empty() && port.size() <= 5 &&
                         port.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || std::stoi(port) < 1 || std::stoi(port) > 65'535) {
    refuse(ready, fmt::format("`{}` is no port", port));
  }
  if (authority.empty() || authority.find('@') != std::string::npos) {
    refuse(ready, "the address of readiness names no host, or a user");
  }
  return {authority, port, path};
}

std::optional<Answer> ask_ready(const ReadyAddress& address, milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  Fd connection = connect_to(address, deadline);
  if (!connection.is_open()) return std::nullopt;
  const std::string request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: gauntlet\r\nConnection: close\r\n\r\n",
      address.path, address.host, address.port);
  if (!send_all(connection, request, deadline)) return std::nullopt;
  const std::optional<int> status = status_of(first_line(connection, deadline));
  if (!status) return std::nullopt;
  return Answer{*status, std::move(connection)};
}

bool is_taken(const ReadyAddress& address, milliseconds patience) {
  return connect_to(address, steady_clock::now() + patience).is_open();
}

int free_port() {
  constexpr int lowest = 10'000, highest = 65'535;
  const PortRange kernel = ports_of_the_kernel();
  std::vector<int> ports;
  for (int port = lowest; port <= highest; ++port) {
    if (port < kernel.first || port > kernel.last) ports.push_back(port);
  }
  // Two of our processes begin at different ports, so that they do not both choose the same free
  // one.
  static std::atomic<std::size_t> asked{0};
  const std::size_t begin = static_cast<std::size_t>(::getpid()) * 31 + asked++ * 7;
  for (std::size_t step = 0; step < ports.size(); ++step) {
    const int port = ports[(begin + step) % ports.size()];
    if (bindable(port) != 0) return port;
  }
  if (const int any = bindable(0); any != 0) return any;
  throw runner::Error("no-free-port", "no TCP port is free for the service", "ports 1 to 65535",
                      "end what listens on so many ports, or give --health-url a whole URL");
}

}  // namespace gauntlet::verify
