// A source of sessions by URL: a new connection each. Any thread may acquire one.
#pragma once

#include "runner/values/session.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace gauntlet::runner {

class UrlSessions final : public SessionSource {
 public:
  using Connect = std::unique_ptr<Session> (*)(const std::string& database,
                                               const ConnectOptions& options);

  UrlSessions(Connect connect, std::string database, ConnectOptions options)
      : connect_(connect), database_(std::move(database)), options_(std::move(options)) {}

  std::unique_ptr<Session> acquire(std::chrono::milliseconds patience) override {
    ConnectOptions options = options_;
    const auto limit = std::chrono::ceil<std::chrono::seconds>(patience);
    if (limit.count() > 0) options.connect_timeout = std::min(options.connect_timeout, limit);
    return connect_(database_, options);
  }

 private:
  Connect connect_;
  std::string database_;
  ConnectOptions options_;
};

}  // namespace gauntlet::runner
