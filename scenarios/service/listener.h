// The service's listening socket and the thread that serves it; ended within a bound.
// Used from the thread that made it.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <httplib.h>

namespace gauntlet::orders {

/// A descriptor that becomes readable once something has happened, for poll(2).
class Signal {
 public:
  Signal();
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  void raise() const noexcept;  ///< any thread
  int fd() const noexcept { return fd_; }

 private:
  int fd_;
};

class Listener {
 public:
  /// Binds `host`:`port` (0: any) and serves at once.
  /// Throws: Error `cannot-listen`.
  Listener(httplib::Server& server, const std::string& host, int port);
  /// Lets requests end that are being answered; what takes longer is cut off with the process.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const noexcept { return port_; }
  int ended_fd() const noexcept {
    return ended_.fd();
  }  ///< readable when nothing is served any more

 private:
  httplib::Server& server_;
  int port_;
  Signal ended_;
  std::thread thread_;
};

}  // namespace gauntlet::orders
