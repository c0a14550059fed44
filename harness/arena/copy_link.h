// A session for COPY alone, which the runner's sessions refuse: bytes out of one database and into
// another. A link belongs to one thread at a time.
#pragma once

#include "harness/arena/address.h"

#include <memory>
#include <string>
#include <string_view>

struct pg_conn;

namespace gauntlet::arena {

class CopyLink {
 public:
  /// Connects within 10 s; the server ends each statement after 300 s.
  /// Throws: Error `connect-failed`, with the server's words and no password.
  explicit CopyLink(const Address& address);

  /// One or more statements without rows. Throws: StatementError.
  void run(const std::string& sql);
  /// Returns all bytes of a `COPY … TO STDOUT`. Throws: StatementError.
  std::string copy_out(const std::string& sql);
  /// Sends `data` to a `COPY … FROM STDIN`. Throws: StatementError.
  void copy_in(const std::string& sql, std::string_view data);

 private:
  void finish_copy();

  std::string where_;
  std::unique_ptr<pg_conn, void (*)(pg_conn*)> handle_;
};

}  // namespace gauntlet::arena
