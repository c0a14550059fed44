#include "harness/proxy/peer.h"

#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace gauntlet::proxy {
namespace {

/// A buffer that once was longer is given back.
constexpr std::size_t kept_bytes_max = 256U << 10U;

}  // namespace

void Peer::open(process::Fd fd) { fd_ = std::move(fd); }

std::string_view Peer::receive(std::span<char> buffer) {
  if (ended_ || !is_open()) return {};
  const ssize_t got = recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (got > 0) return {buffer.data(), static_cast<std::size_t>(got)};
  if (got == 0 || (errno != EAGAIN && errno != EINTR && errno != ENOTCONN)) ended_ = true;
  return {};
}

void Peer::send(std::string_view bytes) {
  if (!closed_ && !finished_) out_.append(bytes);
}

void Peer::flush() {
  if (!is_open()) return;
  while (unsent() > 0) {
    const ssize_t put = ::send(fd_.get(), out_.data() + sent_, unsent(), MSG_NOSIGNAL);
    if (put < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == ENOTCONN) return;
      sent_ = out_.size();  // gone: its end will be read
      break;
    }
    sent_ += static_cast<std::size_t>(put);
  }
  out_.clear();
  sent_ = 0;
  if (out_.capacity() > kept_bytes_max) out_.shrink_to_fit();
  if (finished_ && !shut_) {
    shutdown(fd_.get(), SHUT_WR);
    shut_ = true;
  }
}

void Peer::finish() {
  finished_ = true;
  flush();
}

void Peer::watch(bool read, bool hang_up) {
  if (!is_open()) return;
  const Poller::Interest wanted{
      .read = read && !ended_, .write = unsent() > 0, .hang_up = hang_up && !ended_};
  if (watched_ && wanted == interest_) return;
  // One that is not watched for anything may still be told as hung up, again and again.
  if (wanted == Poller::Interest{}) return unwatch();
  if (watched_)
    poller_.change(fd_.get(), key_, wanted);
  else
    poller_.add(fd_.get(), key_, wanted);
  watched_ = true;
  interest_ = wanted;
}

void Peer::unwatch() {
  if (watched_) poller_.remove(fd_.get());
  watched_ = false;
}

process::Fd Peer::release() {
  unwatch();
  ended_ = false;
  return std::exchange(fd_, process::Fd());
}

void Peer::close() {
  unwatch();
  closed_ = true;
  fd_.close();
  out_.clear();
  out_.shrink_to_fit();
  sent_ = 0;
}

}  // namespace gauntlet::proxy
