#include "runner/sqlite/sqlite_waits.h"

#include <algorithm>
#include <utility>

#include <poll.h>
#include <sqlite3.h>

namespace gauntlet::runner {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How many steps of its virtual machine SQLite takes between two looks at the interrupt.
constexpr int steps_between_looks = 2000;
constexpr milliseconds longest_nap{50};

}  // namespace

bool becomes_readable(int fd, milliseconds patience) {
  pollfd polled{fd, POLLIN, 0};
  return poll(&polled, 1, static_cast<int>(patience.count())) > 0;
}

SqliteWaits::SqliteWaits(sqlite3* connection) : connection_(connection) {
  sqlite3_progress_handler(
      connection, steps_between_looks,
      [](void* self) { return static_cast<SqliteWaits*>(self)->must_stop() ? 1 : 0; }, this);
}

void SqliteWaits::begin() {
  // Set anew: having given up once, SQLite would not ask again until a statement runs, and to
  // prepare one may have to wait for the file's lock too, where the schema changed.
  sqlite3_busy_handler(
      connection_,
      [](void* self, int times) { return static_cast<SqliteWaits*>(self)->nap(times); }, this);
  stopped_ = Stopped::no;
  waiting_since_.reset();
  run_until_ =
      limits_.run.count() > 0 ? std::optional(steady_clock::now() + limits_.run) : std::nullopt;
}

StatementLimits SqliteWaits::limit(const StatementLimits& limits) {
  return std::exchange(limits_, limits);
}

// SQLite asks while another connection's lock is in the way; 0 gives up.
int SqliteWaits::nap(int times) {
  const auto now = steady_clock::now();
  if (times == 0 || !waiting_since_) waiting_since_ = now;
  milliseconds time = std::min(milliseconds(1 + std::min(times, 50)), longest_nap);
  if (limits_.lock_wait) {
    const auto left = std::chrono::ceil<milliseconds>(*waiting_since_ + *limits_.lock_wait - now);
    if (left.count() <= 0) return 0;
    time = std::min(time, left);
  }
  becomes_readable(interrupt_fd_, time);
  return must_stop() ? 0 : 1;
}

bool SqliteWaits::must_stop() {
  if (interrupt_fd_ >= 0 && becomes_readable(interrupt_fd_, milliseconds(0))) {
    stopped_ = Stopped::by_interrupt;
  } else if (run_until_ && steady_clock::now() > *run_until_) {
    stopped_ = Stopped::by_time;
  }
  return stopped_ != Stopped::no;
}

}  // namespace gauntlet::runner
