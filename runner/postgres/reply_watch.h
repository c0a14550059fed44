// How long one message's reply is waited for: a deadline where the message is a query of our own,
// and for every message the liveness of the server process. Belongs to the session's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

struct pg_conn;  // libpq's PGconn

namespace gauntlet::runner {

/// Why a reply is not waited for any longer.
struct Silence {
  enum class Kind {
    overdue,  ///< it did not come within the message's limit; the server may well work at it
    dead,     ///< no server process works at it
  };
  Kind kind;
  std::string words;  ///< that follow "the connection to the server was lost: "
};

class ReplyWatch {
 public:
  /// Of the message just sent. `limit`: nullopt while the server process works at it.
  void begin(std::optional<std::chrono::milliseconds> limit);

  /// How long may be waited before check() is due; never negative.
  std::chrono::milliseconds next_due() const;

  /// Why the reply is not waited for any longer; nullopt to wait on. Asks the server on a second
  /// connection every 5 s, and returns at once before that.
  std::optional<Silence> check(pg_conn* connection, int interrupt_fd);

  /// Counts what the reply holds. False when it is more than a reply that is kept may be.
  bool count(std::size_t bytes);

 private:
  using Clock = std::chrono::steady_clock;

  std::optional<std::chrono::milliseconds> limit_;
  Clock::time_point begun_, next_check_;
  int failures_ = 0;
  std::size_t bytes_ = 0;
};

/// The most that the rows of one message's reply may hold where they are kept. All of them stand in
/// memory, and no tracker or catalogue comes near it; a server that sends rows without end does.
constexpr std::size_t reply_bytes_max = std::size_t{256} << 20U;

}  // namespace gauntlet::runner
