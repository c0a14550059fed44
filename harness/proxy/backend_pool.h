// Server sessions that no client uses between two transactions, as a pooler in transaction mode
// keeps them: with all that their last client left in them. Belongs to the loop's thread.
#pragma once

#include "harness/process/fd.h"
#include "harness/wire/server_stream.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace gauntlet::proxy {

/// A server session that is ready and in no transaction.
struct Backend {
  process::Fd fd = {};
  wire::ServerStream answers = wire::ServerStream();

  std::int32_t process() const { return answers.cancel_key().process; }
};

class BackendPool {
 public:
  /// `startup`: the packet that it began with. Only clients that began alike share sessions.
  void give(const std::string& startup, Backend backend);
  /// The session that has waited longest, but not that of the server process `last`. nullopt where
  /// there is none. Sessions that the server has ended meanwhile are dropped.
  std::optional<Backend> take(const std::string& startup, std::int32_t last);

 private:
  std::map<std::string, std::deque<Backend>> idle_ = {};
};

}  // namespace gauntlet::proxy
