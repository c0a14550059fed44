#include "harness/bench/relay.h"

#include "harness/proxy/socket.h"
#include "runner/values/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gauntlet::bench {

namespace {

using Clock = std::chrono::steady_clock;
using process::Fd;

constexpr int unix_socket_number = 5432;

/// What one side has said and the other has not been told yet.
class Delayed {
 public:
  /// False when `from` has ended: its end, too, is told later.
  bool read(const Fd& from, Clock::duration delay) {
    std::array<char, 65'536> buffer{};
    const ssize_t got = ::recv(from.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    const auto bytes = got > 0 ? static_cast<std::size_t>(got) : 0;
    waiting_.push_back({Clock::now() + delay, std::string(buffer.data(), bytes)});
    return bytes > 0;
  }

  /// Hands on what is due, as far as it is taken. False once the end was handed on, or nobody takes
  /// anything any more.
  bool write(const Fd& to, Clock::time_point now) {
    is_full_ = false;
    while (!waiting_.empty() && waiting_.front().due <= now) {
      const std::string_view rest = std::string_view(waiting_.front().bytes).substr(sent_);
      if (rest.empty()) return false;
      const ssize_t count = ::send(to.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && (errno == EAGAIN || errno == ENOTCONN)) {
        is_full_ = true;
        return true;
      }
      if (count <= 0) return false;
      sent_ += static_cast<std::size_t>(count);
      if (sent_ < waiting_.front().bytes.size()) continue;
      waiting_.pop_front();
      sent_ = 0;
    }
    return true;
  }

  /// Whoever is to be told takes nothing now.
  bool is_full() const { return is_full_; }
  /// When there is something to hand on; nullopt while there is not, or it is not taken.
  std::optional<Clock::time_point> due() const {
    if (waiting_.empty() || is_full_) return std::nullopt;
    return waiting_.front().due;
  }

 private:
  struct Piece {
    Clock::time_point due;
    std::string bytes;  ///< empty: the end
  };
  std::deque<Piece> waiting_;
  std::size_t sent_ = 0;  ///< of the first piece
  bool is_full_ = false;
};

struct Line {
  Fd client, server;
  Delayed to_server = {}, to_client = {};
  bool client_speaks = true, server_speaks = true;
};

short events_of(bool speaks, const Delayed& to_it) {
  return static_cast<short>((speaks ? POLLIN : 0) | (to_it.is_full() ? POLLOUT : 0));
}

// A negative descriptor is passed over: one that has ended would be told again and again.
pollfd polled_of(const Fd& fd, bool speaks, const Delayed& to_it) {
  const short events = events_of(speaks, to_it);
  return {.fd = events == 0 ? -1 : fd.get(), .events = events, .revents = 0};
}

class Exchange {
 public:
  Exchange(int listener, int stop, const proxy::SocketAddress& server, Clock::duration delay)
      : listener_(listener), stop_(stop), server_(server), delay_(delay) {}

  void run() {
    while (true) {
      std::vector<pollfd> polled{{stop_, POLLIN, 0}, {listener_, POLLIN, 0}};
      for (const Line& line : lines_) {
        polled.push_back(polled_of(line.client, line.client_speaks, line.to_client));
        polled.push_back(polled_of(line.server, line.server_speaks, line.to_server));
      }
      wait(polled);
      if (polled[0].revents != 0) return;
      std::size_t at = 2;
      for (Line& line : lines_) {
        const auto can_be_read = [&](bool speaks) {
          return (polled[at++].revents & ~POLLOUT) != 0 && speaks;
        };
        if (can_be_read(line.client_speaks)) {
          line.client_speaks = line.to_server.read(line.client, delay_);
        }
        if (can_be_read(line.server_speaks)) {
          line.server_speaks = line.to_client.read(line.server, delay_);
        }
      }
      hand_on();
      if (polled[1].revents != 0) accept();
    }
  }

 private:
  void wait(std::vector<pollfd>& polled) const {
    std::optional<Clock::time_point> next;
    for (const Line& line : lines_) {
      for (const auto due : {line.to_server.due(), line.to_client.due()}) {
        if (due && (!next || *due < *next)) next = due;
      }
    }
    timespec limit{};
    if (next) {
      const auto left = std::chrono::nanoseconds(std::max(*next - Clock::now(), {})).count();
      limit = {.tv_sec = static_cast<time_t>(left / 1'000'000'000),
               .tv_nsec = static_cast<long>(left % 1'000'000'000)};
    }
    ::ppoll(polled.data(), polled.size(), next ? &limit : nullptr, nullptr);
  }

  void hand_on() {
    const auto now = Clock::now();
    std::erase_if(lines_, [now](Line& line) {
      return !line.to_server.write(line.server, now) || !line.to_client.write(line.client, now);
    });
  }

  // All that have come: each would else cost a turn of the loop.
  void accept() {
    bool exhausted = false;
    while (true) {
      Line line{.client = proxy::accept_from(listener_, exhausted), .server = {}};
      if (!line.client.is_open()) return;
      line.server = connect_to_server();
      if (line.server.is_open()) lines_.push_back(std::move(line));
    }
  }

  Fd connect_to_server() const {
    Fd fd = proxy::begin_to_connect(server_);
    if (fd.is_open() || errno != EAGAIN) return fd;
    // The server's queue is full for now, and a unix socket does not tell when it is not.
    fd = Fd(::socket(server_.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto* address = reinterpret_cast<const sockaddr*>(&server_.bytes);
    if (::connect(fd.get(), address, server_.size) != 0) fd.close();
    return fd;
  }

  int listener_, stop_;
  proxy::SocketAddress server_;
  Clock::duration delay_;
  std::list<Line> lines_ = {};
};

}  // namespace

Relay::Relay(const arena::Address& server, std::chrono::microseconds round_trip,
             const std::filesystem::path& folder)
    : folder_(folder) {
  const auto there = proxy::resolve({.host = server.host(), .port = server.port()});
  if (folder.empty()) {
    listener_ = proxy::listen_on_loopback(port_);
  } else {
    port_ = unix_socket_number;
    listener_ = proxy::listen_in(folder, port_);
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw runner::Error("cannot-listen", "the relay cannot be started", std::strerror(errno),
                        "raise the limit: ulimit -n 4096");
  }
  stop_reader_ = Fd(ends[0]);
  stop_writer_ = Fd(ends[1]);
  thread_ = std::thread([exchange = Exchange(listener_.get(), stop_reader_.get(), there,
                                             round_trip / 2)]() mutable { exchange.run(); });
}

Relay::~Relay() {
  stop_writer_.close();
  thread_.join();
}

arena::Address Relay::through(const arena::Address& database) const {
  const auto here = database.without("hostaddr").with("port", std::to_string(port_));
  if (!folder_.empty()) return here.with("host", folder_.string());
  return here.with("host", "127.0.0.1").with("sslmode", "disable");
}

}  // namespace gauntlet::bench
