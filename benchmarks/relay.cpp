#include "benchmarks/relay.h"

#include "runner/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gauntlet::benchmarks {

namespace {

using Clock = std::chrono::steady_clock;
using process::Fd;

constexpr const char* port = "5432";

sockaddr_un socket_at(const std::filesystem::path& folder, const std::string& number) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  const std::string path = (folder / (".s.PGSQL." + number)).string();
  if (path.size() >= sizeof at.sun_path) throw runner::Error("no-relay", "too long: " + path);
  std::memcpy(at.sun_path, path.c_str(), path.size() + 1);
  return at;
}

const sockaddr* plain(const sockaddr_un& at) { return reinterpret_cast<const sockaddr*>(&at); }

Fd open_socket() {
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) throw runner::Error("no-relay", std::strerror(errno));
  return socket;
}

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

  /// Hands on what is due. False once the end was handed on, or nobody takes anything any more.
  bool write(const Fd& to, Clock::time_point now) {
    while (!waiting_.empty() && waiting_.front().due <= now) {
      const std::string& bytes = waiting_.front().bytes;
      if (bytes.empty()) return false;
      for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t count =
            ::send(to.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        sent += static_cast<std::size_t>(count);
      }
      waiting_.pop_front();
    }
    return true;
  }

  std::optional<Clock::time_point> due() const {
    if (waiting_.empty()) return std::nullopt;
    return waiting_.front().due;
  }

 private:
  struct Piece {
    Clock::time_point due;
    std::string bytes;  ///< empty: the end
  };
  std::deque<Piece> waiting_;
};

struct Line {
  Fd client, server;
  Delayed to_server, to_client;
  bool client_speaks = true, server_speaks = true;
};

class Exchange {
 public:
  Exchange(int listener, int stop, sockaddr_un server, Clock::duration delay)
      : listener_(listener), stop_(stop), server_(server), delay_(delay) {}

  void run() {
    while (true) {
      std::vector<pollfd> polled{{stop_, POLLIN, 0}, {listener_, POLLIN, 0}};
      for (const Line& line : lines_) {
        polled.push_back({line.client_speaks ? line.client.get() : -1, POLLIN, 0});
        polled.push_back({line.server_speaks ? line.server.get() : -1, POLLIN, 0});
      }
      wait(polled);
      if (polled[0].revents != 0) return;
      std::size_t at = 2;
      for (Line& line : lines_) {
        if (polled[at++].revents != 0) {
          line.client_speaks = line.to_server.read(line.client, delay_);
        }
        if (polled[at++].revents != 0) {
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

  void accept() {
    Line line;
    line.client = Fd(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
    line.server = open_socket();
    if (!line.client.is_open() ||
        ::connect(line.server.get(), plain(server_), sizeof server_) != 0) {
      return;
    }
    lines_.push_back(std::move(line));
  }

  int listener_, stop_;
  sockaddr_un server_;
  Clock::duration delay_;
  std::list<Line> lines_;
};

}  // namespace

Relay::Relay(const arena::Address& server, const std::filesystem::path& folder,
             std::chrono::microseconds round_trip)
    : folder_(folder), listener_(open_socket()) {
  const sockaddr_un here = socket_at(folder, port);
  std::array<int, 2> ends{};
  if (::bind(listener_.get(), plain(here), sizeof here) != 0 ||
      ::listen(listener_.get(), 1024) != 0 || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw runner::Error("no-relay", std::strerror(errno), folder.string());
  }
  stop_reader_ = Fd(ends[0]);
  stop_writer_ = Fd(ends[1]);
  const sockaddr_un there = socket_at(server.host(), server.port());
  thread_ = std::thread([exchange = Exchange(listener_.get(), stop_reader_.get(), there,
                                             round_trip / 2)]() mutable { exchange.run(); });
}

Relay::~Relay() {
  stop_writer_.close();
  thread_.join();
}

arena::Address Relay::through(const arena::Address& database) const {
  return database.with("host", folder_.string()).with("port", port);
}

}  // namespace gauntlet::benchmarks
