// Sessions that give a query of the runner's own 300 ms, and not the 20 s that a test has no time
// for.
#pragma once

#include "runner/postgres.h"
#include "runner/values/session.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace gauntlet::runner {

class ImpatientSessions final : public SessionSource {
 public:
  explicit ImpatientSessions(std::string conninfo) : conninfo_(std::move(conninfo)) {}

  std::unique_ptr<Session> acquire(std::chrono::milliseconds) override {
    return std::make_unique<Impatient>(connect_postgres(conninfo_));
  }

 private:
  class Impatient final : public ForwardingSession {
   public:
    using ForwardingSession::ForwardingSession;
    StatementLimits limit(const StatementLimits& limits) override {
      StatementLimits bounded = limits;
      // Statements of a migration have no limit, and own queries the least of theirs and this.
      if (limits.reply) bounded.reply = std::chrono::milliseconds(300);
      return ForwardingSession::limit(bounded);
    }
  };

  std::string conninfo_;
};

}  // namespace gauntlet::runner
