// How long SQLite may work on a statement, and wait for another connection's lock. One thread.
#pragma once

#include "runner/values/session.h"

#include <chrono>
#include <optional>

struct sqlite3;

namespace gauntlet::runner {

/// SQLite calls back into it: it stays where it is as long as the connection is open.
class SqliteWaits {
 public:
  enum class Stopped { no, by_interrupt, by_time };

  explicit SqliteWaits(sqlite3* connection);
  SqliteWaits(const SqliteWaits&) = delete;
  SqliteWaits& operator=(const SqliteWaits&) = delete;

  /// A statement begins: its time counts from now on.
  void begin();
  Stopped stopped() const { return stopped_; }  ///< why the last statement was given up

  /// A readable `fd` stops whatever runs; -1: nothing does.
  void interrupt_with(int fd) { interrupt_fd_ = fd; }
  StatementLimits limit(const StatementLimits& limits);
  const StatementLimits& limits() const { return limits_; }

 private:
  int nap(int times);
  bool must_stop();

  sqlite3* const connection_;
  StatementLimits limits_;
  int interrupt_fd_ = -1;
  Stopped stopped_ = Stopped::no;
  std::optional<std::chrono::steady_clock::time_point> waiting_since_, run_until_;
};

/// False if nothing came within `patience`.
bool becomes_readable(int fd, std::chrono::milliseconds patience);

}  // namespace gauntlet::runner
