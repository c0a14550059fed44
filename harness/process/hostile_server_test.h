// A server that breaks PostgreSQL's protocol in one chosen way, on a loopback port. For tests only:
// what talks to it must end with an error, within its bounds and without a crash.
//
// Owns its threads: one that accepts, and one a connection, all joined on destruction.
#pragma once

#include "harness/process/fd.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gauntlet::process {

enum class Hostility {
  // Before a session stands.
  silent,                ///< accepts, and never sends a byte
  closes,                ///< accepts, and closes
  garbage,               ///< bytes of no protocol
  tls_garbage,           ///< says that it speaks TLS, and does not
  silent_after_startup,  ///< reads the startup message, and goes silent
  huge_length,           ///< a first message of two gigabytes
  negative_length,
  sasl_forever,      ///< asks for SCRAM again and again
  notices_at_login,  ///< notices without end in the place of a login
  // After a login in good order.
  silent_query,
  closes_at_query,
  notices_at_query,
  rows_without_end,
  huge_column,  ///< a column of two gigabytes is announced, and does not come
  wrong_rows,   ///< two columns, of which one is null, to every query
  no_rows,      ///< a command tag and no rows, to every query
  no_columns,   ///< rows of no column
  nothing,      ///< ready again without a word about the query
  copy_in,      ///< asks for data at every query
  copy_out_without_end,
  error_forever,       ///< an error of 200 kB with terminal escapes, to every query
  failed_transaction,  ///< says that a transaction failed in which nobody was
  drip,                ///< one byte a second
};

constexpr std::array all_hostilities = {Hostility::silent,
                                        Hostility::closes,
                                        Hostility::garbage,
                                        Hostility::tls_garbage,
                                        Hostility::silent_after_startup,
                                        Hostility::huge_length,
                                        Hostility::negative_length,
                                        Hostility::sasl_forever,
                                        Hostility::notices_at_login,
                                        Hostility::silent_query,
                                        Hostility::closes_at_query,
                                        Hostility::notices_at_query,
                                        Hostility::rows_without_end,
                                        Hostility::huge_column,
                                        Hostility::wrong_rows,
                                        Hostility::no_rows,
                                        Hostility::no_columns,
                                        Hostility::nothing,
                                        Hostility::copy_in,
                                        Hostility::copy_out_without_end,
                                        Hostility::error_forever,
                                        Hostility::failed_transaction,
                                        Hostility::drip};

constexpr std::string_view name_of(Hostility hostility) {
  constexpr std::array<std::string_view, all_hostilities.size()> names = {"silent",
                                                                          "closes",
                                                                          "garbage",
                                                                          "tls_garbage",
                                                                          "silent_after_startup",
                                                                          "huge_length",
                                                                          "negative_length",
                                                                          "sasl_forever",
                                                                          "notices_at_login",
                                                                          "silent_query",
                                                                          "closes_at_query",
                                                                          "notices_at_query",
                                                                          "rows_without_end",
                                                                          "huge_column",
                                                                          "wrong_rows",
                                                                          "no_rows",
                                                                          "no_columns",
                                                                          "nothing",
                                                                          "copy_in",
                                                                          "copy_out_without_end",
                                                                          "error_forever",
                                                                          "failed_transaction",
                                                                          "drip"};
  return names[static_cast<std::size_t>(hostility)];
}

class HostileServer {
 public:
  explicit HostileServer(Hostility hostility)
      : hostility_(hostility), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_.get(), any, size) != 0 || ::listen(listener_.get(), 64) != 0 ||
        ::getsockname(listener_.get(), any, &size) != 0) {
      throw std::runtime_error("no loopback port");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ~HostileServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);  // accept() returns
    acceptor_.join();
    {
      const std::scoped_lock lock(mutex_);
      for (const Fd& client : clients_) ::shutdown(client.get(), SHUT_RDWR);
    }
    for (std::thread& server : servers_) server.join();
  }
  HostileServer(const HostileServer&) = delete;
  HostileServer& operator=(const HostileServer&) = delete;

  int port() const { return port_; }
  std::string url() const {
    return "postgresql://ann:hush@127.0.0.1:" + std::to_string(port_) + "/shop";
  }

 private:
  struct Gone {};  // the client has left, or the test is over

  void accept_all() {
    while (true) {
      Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client.is_open()) return;
      const std::scoped_lock lock(mutex_);
      const int fd = client.get();
      clients_.push_back(std::move(client));
      servers_.emplace_back([this, fd] {
        try {
          serve(fd);
        } catch (const Gone&) {
        }
        ::shutdown(fd, SHUT_RDWR);
      });
    }
  }

  void serve(int fd) {
    switch (hostility_) {
      case Hostility::silent:
        wait_until_gone(fd);
        return;
      case Hostility::closes:
        return;
      case Hostility::garbage:
        send(fd, std::string(4'000, '\xa7'));
        return;
      default:
        break;
    }
    read_startup(fd);
    log_in(fd);
    while (true) {
      read_some(fd);
      answer(fd);
    }
  }

  void log_in(int fd) {
    switch (hostility_) {
      case Hostility::silent_after_startup:
        wait_until_gone(fd);
        return;
      case Hostility::huge_length:
        send(fd, "R" + number(0x7fffffff) + std::string(1'000, '\0'));
        wait_until_gone(fd);
        return;
      case Hostility::negative_length:
        send(fd, "R" + number(0xfffffffb) + std::string(1'000, '\0'));
        wait_until_gone(fd);
        return;
      case Hostility::sasl_forever:
        while (true) {
          send(fd, message('R', number(10) + std::string("SCRAM-SHA-256\0\0", 15)));
          read_some(fd);
        }
      case Hostility::notices_at_login:
        send(fd, message('R', number(0)));
        send_for_ever(fd, notice());
      default:
        break;
    }
    send(fd, message('R', number(0)) + parameter("server_version", "15.0") +
                 parameter("client_encoding", "UTF8") +
                 parameter("standard_conforming_strings", "on") +
                 message('K', number(1) + number(2)) + ready('I'));
  }

  void answer(int fd) {
    switch (hostility_) {
      case Hostility::silent_query:
        wait_until_gone(fd);
        return;
      case Hostility::closes_at_query:
        throw Gone();
      case Hostility::notices_at_query:
        send_for_ever(fd, notice());
      case Hostility::rows_without_end:
        send(fd, columns(1));
        send_for_ever(
            fd, message('D', std::string("\0\1", 2) + number(8'000) + std::string(8'000, 'y')));
      case Hostility::huge_column:
        send(fd, columns(1) + "D" + number(0x7ffffff0) + std::string("\0\1", 2) +
                     number(0x7fffff00) + std::string(80, 'y'));
        wait_until_gone(fd);
        return;
      case Hostility::wrong_rows:
        send(fd, columns(2) +
                     message('D', std::string("\0\2", 2) + number(3) + "abc" + number(0xffffffff)) +
                     done("SELECT 1"));
        return;
      case Hostility::no_rows:
        send(fd, done("SELECT 0"));
        return;
      case Hostility::no_columns:
        send(fd, columns(0) + message('D', std::string("\0\0", 2)) + done("SELECT 1"));
        return;
      case Hostility::nothing:
        send(fd, ready('I'));
        return;
      case Hostility::copy_in:
        send(fd, message('G', std::string("\0\0\0", 3)));
        return;
      case Hostility::copy_out_without_end:
        send(fd, message('H', std::string("\0\0\0", 3)));
        send_for_ever(fd, message('d', std::string(8'000, 'z')));
      case Hostility::error_forever:
        send(fd,
             message('E', std::string("SERROR\0VERROR\0CXX000\0M", 22) + "\x1b]0;own\x07\x1b[31m" +
                              std::string(200'000, 'A') + std::string("\0\0", 2)) +
                 ready('I'));
        return;
      case Hostility::failed_transaction:
        send(fd, message('C', std::string("SELECT 0\0", 9)) + ready('E'));
        return;
      case Hostility::drip:
        for (const char c : columns(2)) {
          send(fd, std::string(1, c));
          if (is_gone_within(fd, 1'000)) throw Gone();
        }
        wait_until_gone(fd);
        return;
      default:
        return;
    }
  }

  static std::string number(std::uint32_t value) {
    const std::uint32_t big = htonl(value);
    std::string bytes(sizeof big, '\0');
    bytes.assign(reinterpret_cast<const char*>(&big), sizeof big);
    return bytes;
  }
  static std::string message(char kind, const std::string& body) {
    return kind + number(static_cast<std::uint32_t>(body.size() + 4)) + body;
  }
  static std::string ready(char status) { return message('Z', std::string(1, status)); }
  static std::string done(const std::string& tag) {
    return message('C', tag + std::string(1, '\0')) + ready('I');
  }
  static std::string parameter(const std::string& name, const std::string& value) {
    return message('S', name + std::string(1, '\0') + value + std::string(1, '\0'));
  }
  static std::string columns(int count) {
    std::string body = {'\0', static_cast<char>(count)};
    for (int i = 0; i < count; ++i) {
      body += std::string("x\0", 2) + number(0) + std::string("\0\0", 2) + number(25) +
              std::string("\xff\xff", 2) + number(0xffffffff) + std::string("\0\0", 2);
    }
    return message('T', body);
  }
  static std::string notice() {
    return message('N', std::string("SNOTICE\0VNOTICE\0C00000\0M", 24) + std::string(1'000, 'x') +
                            std::string("\0\0", 2));
  }

  void send(int fd, const std::string& bytes) const {
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t sent = ::send(fd, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) throw Gone();
      at += static_cast<std::size_t>(sent);
    }
  }
  [[noreturn]] void send_for_ever(int fd, const std::string& bytes) const {
    std::string many;
    for (int i = 0; i < 16; ++i) many += bytes;
    while (true) send(fd, many);
  }

  static std::string read_some(int fd) {
    std::array<char, 65'536> buffer{};
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got <= 0) throw Gone();
    return {buffer.data(), static_cast<std::size_t>(got)};
  }

  /// Refuses encryption, as a server without it does, until the startup message has come.
  void read_startup(int fd) const {
    while (true) {
      const std::string request = read_some(fd);
      const bool asks_for_encryption = request.size() == 8;
      if (!asks_for_encryption) return;
      if (hostility_ == Hostility::tls_garbage) {
        send(fd, "S" + std::string(4'000, '\xa7'));
        wait_until_gone(fd);
      }
      send(fd, "N");
    }
  }

  static bool is_gone_within(int fd, int milliseconds) {
    pollfd polled{.fd = fd, .events = POLLRDHUP, .revents = 0};
    return ::poll(&polled, 1, milliseconds) > 0;
  }
  [[noreturn]] static void wait_until_gone(int fd) {
    is_gone_within(fd, -1);
    throw Gone();
  }

  Hostility hostility_;
  Fd listener_;
  int port_ = 0;
  std::thread acceptor_;
  std::mutex mutex_;
  std::vector<Fd> clients_;
  std::vector<std::thread> servers_;
};

}  // namespace gauntlet::process
