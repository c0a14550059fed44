#include "runner/postgres/reply_watch.h"

#include "runner/postgres/liveness.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A check ends before the next is due. Two failed ones: a server that is being restarted or is
// swamped for a moment is no lost connection.
constexpr seconds check_interval{5};
constexpr milliseconds check_patience{4'000};
constexpr int failures_max = 2;

}  // namespace

void ReplyWatch::begin(std::optional<milliseconds> limit) {
  limit_ = limit;
  begun_ = Clock::now();
  next_check_ = begun_ + check_interval;
  failures_ = 0;
  bytes_ = 0;
}

milliseconds ReplyWatch::next_due() const {
  auto due = next_check_;
  if (limit_) due = std::min(due, begun_ + *limit_);
  return std::max(std::chrono::ceil<milliseconds>(due - Clock::now()), milliseconds::zero());
}

std::optional<Silence> ReplyWatch::check(pg_conn* connection, int interrupt_fd) {
  const auto now = Clock::now();
  if (limit_ && now >= begun_ + *limit_) {
    return Silence{.kind = Silence::Kind::overdue,
                   .words = fmt::format("no answer to a query of the runner's within {:.3g} s",
                                        std::chrono::duration<double>(*limit_).count())};
  }
  if (now < next_check_) return std::nullopt;
  while (next_check_ <= now) next_check_ += check_interval;
  switch (check_liveness(connection, check_patience, interrupt_fd)) {
    case Liveness::working:
      failures_ = 0;
      break;
    case Liveness::failed:
      ++failures_;
      break;
    case Liveness::interrupted:
      break;
  }
  if (failures_ < failures_max) return std::nullopt;
  return Silence{
      .kind = Silence::Kind::dead,
      .words = fmt::format("no answer for {:.0f} s, and two checks on another connection found no "
                           "server process at work for us",
                           std::chrono::duration<double>(Clock::now() - begun_).count())};
}

bool ReplyWatch::count(std::size_t bytes) {
  bytes_ += bytes;
  return bytes_ <= reply_bytes_max;
}

}  // namespace gauntlet::runner
