#include "scenarios/service/listener.h"

#include "runner/values/error.h"

#include <cstdint>
#include <cstdlib>

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace gauntlet::orders {
namespace {

constexpr std::chrono::milliseconds stop_patience{700};
constexpr std::chrono::milliseconds stop_interval{10};

int bind_listener(httplib::Server& server, const std::string& host, int port) {
  // httplib's own default is SO_REUSEPORT: two services would share a port without a word.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server.set_keep_alive_max_count(1);
  server.set_keep_alive_timeout(1);
  server.set_read_timeout(std::chrono::milliseconds(500));
  const int bound =
      port == 0 ? server.bind_to_any_port(host) : (server.bind_to_port(host, port) ? port : -1);
  if (bound < 0)
    throw runner::Error("cannot-listen", "the address to listen at is not to be had",
                        fmt::format("{}:{}", host, port), "choose another --host or --port");
  return bound;
}

}  // namespace

Signal::Signal() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw runner::Error("no-descriptor", "the system gives no more file descriptors");
}

Signal::~Signal() { close(fd_); }

void Signal::raise() const noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
}

Listener::Listener(httplib::Server& server, const std::string& host, int port)
    : server_(server), port_(bind_listener(server, host, port)), thread_([this] {
        server_.listen_after_bind();
        ended_.raise();
      }) {}

Listener::~Listener() {
  const auto deadline = std::chrono::steady_clock::now() + stop_patience;
  bool stopped = false;
  pollfd ended{.fd = ended_.fd(), .events = POLLIN, .revents = 0};
  while (poll(&ended, 1, static_cast<int>(stop_interval.count())) == 0) {
    // stop() does nothing before the thread has begun to listen, and must not be called twice.
    if (!stopped && server_.is_running()) {
      server_.stop();
      stopped = true;
    }
    if (std::chrono::steady_clock::now() > deadline) {
      fmt::print(stderr, "orders-service: ended before every request was answered\n");
      std::_Exit(EXIT_SUCCESS);
    }
  }
  thread_.join();
}

}  // namespace gauntlet::orders
