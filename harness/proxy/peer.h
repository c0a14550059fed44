// One end of a session: a socket, what is still to be sent to it, and what the loop is to watch
// for. Belongs to the loop's thread.
#pragma once

#include "harness/process/fd.h"
#include "harness/proxy/poller.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gauntlet::proxy {

class Peer {
 public:
  Peer(Poller& poller, std::uint64_t key) : poller_(poller), key_(key) {}
  ~Peer() { close(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void open(process::Fd fd);
  bool is_open() const { return fd_.is_open(); }
  int fd() const { return fd_.get(); }

  /// What there is to read, in `buffer`; empty when nothing has come, or nothing will: ended().
  std::string_view receive(std::span<char> buffer);
  bool ended() const { return ended_; }

  /// Queues bytes, also before it is open; flush() sends what the socket takes. What is sent to one
  /// that is gone, or after finish(), is lost.
  void send(std::string_view bytes);
  void flush();
  std::size_t unsent() const { return out_.size() - sent_; }
  /// Nothing more will be sent: its sending side is closed once all is.
  void finish();

  /// Says what to watch for; writing is watched for where something is unsent. `hang_up` tells the
  /// peer's end even while it is not read.
  void watch(bool read, bool hang_up);
  /// Both ends of the connection are over: an end was told while nothing was to be read.
  void hung_up() { unwatch(); }

  void close();
  /// Gives the connection away, as if it had never been opened. Nothing may be unsent.
  process::Fd release();

 private:
  void unwatch();

  Poller& poller_;
  std::uint64_t key_;
  process::Fd fd_ = {};
  std::string out_ = {};
  std::size_t sent_ = 0;
  Poller::Interest interest_ = {};
  bool watched_ = false;
  bool ended_ = false, finished_ = false, shut_ = false, closed_ = false;
};

}  // namespace gauntlet::proxy
