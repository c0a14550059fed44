// Where a service says that it is ready, and the one HTTP request that asks it: GET, status line
// only, within one bound for the whole of it. Plain http. Any thread.
#pragma once

#include "harness/process/fd.h"

#include <chrono>
#include <optional>
#include <string>

namespace gauntlet::verify {

struct ReadyAddress {
  std::string host, port, path;
  std::string url() const;
};

/// A full URL (`http://127.0.0.1:8080/healthz`), or only its path on the port that we chose.
/// Throws: Error `bad-ready-url`.
ReadyAddress parse_ready(const std::string& ready, int service_port);

/// The status of an answer, and the connection it came through, closed when this goes.
struct Answer {
  int status = 0;
  process::Fd connection;
};

/// Nothing when nobody listens, or no whole status line came within `patience`.
std::optional<Answer> ask_ready(const ReadyAddress& address, std::chrono::milliseconds patience);

/// Does anybody accept connections there?
bool is_taken(const ReadyAddress& address, std::chrono::milliseconds patience);

/// A TCP port that nobody has, outside the range from which the kernel gives ports to connections.
/// Throws: Error `no-free-port`.
int free_port();

}  // namespace gauntlet::verify
