// A connection to PostgreSQL that is being made while its maker does something else. Belongs to one
// thread.
#pragma once

#include "runner/values/session.h"

#include <chrono>
#include <memory>
#include <string>

namespace gauntlet::runner {

/// Destroyed before it stands, it is given up.
class Connecting {
 public:
  virtual ~Connecting() = default;

  /// Waits until it stands: until `patience` after its beginning at the latest, unless the
  /// connection string says how long; 0: for ever. Once. Throws: as connect_postgres().
  virtual std::unique_ptr<Session> wait(std::chrono::milliseconds patience) = 0;
};

/// Begins to connect, and waits for nothing. Null where this could not go on as connect_postgres()
/// does: where there may be several addresses, it gives each its time, as libpq does only by
/// itself. Throws: Error `connect-failed` if `conninfo` cannot be parsed.
std::unique_ptr<Connecting> begin_to_connect(const std::string& conninfo,
                                             const ConnectOptions& options);

}  // namespace gauntlet::runner
