#include "harness/proxy/backend_pool.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace gauntlet::proxy {
namespace {

/// An idle session has nothing to say but its last words.
bool is_usable(const Backend& backend) {
  char byte = 0;
  const ssize_t got = recv(backend.fd.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EINTR);
}

}  // namespace

void BackendPool::give(const std::string& startup, Backend backend) {
  idle_[startup].push_back(std::move(backend));
}

std::optional<Backend> BackendPool::take(const std::string& startup, std::int32_t last) {
  std::deque<Backend>& idle = idle_[startup];
  std::erase_if(idle, [](const Backend& backend) { return !is_usable(backend); });
  const auto found = std::ranges::find_if(
      idle, [last](const Backend& backend) { return backend.process() != last; });
  if (found == idle.end()) return std::nullopt;
  Backend backend = std::move(*found);
  idle.erase(found);
  return backend;
}

}  // namespace gauntlet::proxy
