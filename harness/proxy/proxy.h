// The wire door: a listener a replica, and behind it every statement of any program becomes a step
// that is recorded and stops at the gate. One loop, in the thread of whoever calls pump().
#pragma once

#include "harness/proxy/session.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace gauntlet::proxy {

/// Sessions between clients and one server. What it is given outlives it. pump() and the end belong
/// to one thread; port() and sessions() may be asked on any, and wait_until_empty() on any other.
///
/// Encryption is refused; authentication is between client and server. A client that ends has ended
/// for the server, too: what it ran is cancelled when the server has not found out by itself within
/// Options::orphan_patience.
class Proxy {
 public:
  /// Listens from here on. Throws: Error `connect-failed`, `cannot-listen`.
  Proxy(const Upstream& upstream, std::size_t replicas, gate::AsyncGate& gate,
        gate::Recorder& recorder, Options options = {});
  /// Ends all sessions, and waits until the server has let go of them, within a bound.
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  /// Where this replica is to connect: this port on 127.0.0.1, and in Options::socket_folder.
  int port(std::size_t replica) const { return listeners_.at(replica).port; }
  /// How many there are, those included whose client has gone and whose server has not.
  std::size_t sessions() const { return count_; }
  /// Waits until there are none, at most `patience`. False if some are left.
  bool wait_until_empty(std::chrono::milliseconds patience) const;

  /// Waits until all that clients had sent before the call has been read; at most `patience`. Not
  /// on the loop's thread. False if it took longer.
  bool wait_for_turn(std::chrono::milliseconds patience);

  /// One turn: waits at most `patience` for something to happen, and does what follows from it.
  void pump(std::chrono::milliseconds patience);
  /// Makes a pump() that waits return. Any thread.
  void wake() { poller_.wake(); }

 private:
  struct Listener {
    process::Fd tcp, unix_socket;
    int port = 0;
  };
  class Inbox;

  void listen(std::size_t replica);
  void accept(std::size_t listener);
  void hear(const Poller::Ready& ready);
  void take_rulings();
  void do_what_was_asked();
  void tick();
  void bury();
  std::chrono::milliseconds until_next(std::chrono::milliseconds patience) const;

  const Options options_;
  const SocketAddress server_;
  Poller poller_;
  std::shared_ptr<Inbox> inbox_;
  std::array<char, 64U << 10U> buffer_ = {};
  Ground ground_;
  std::vector<Listener> listeners_;
  bool listening_ = true;
  std::map<std::uint64_t, std::unique_ptr<Session>> all_;
  std::uint64_t next_key_;
  Clock::time_point listen_again_ = Clock::time_point::max();
  std::atomic<std::size_t> count_{0};  ///< lowered with the mutex held
  mutable std::mutex mutex_;
  mutable std::condition_variable emptied_;
  std::condition_variable turned_;
  std::uint64_t turns_ = 0;  ///< with the mutex held
};

}  // namespace gauntlet::proxy
