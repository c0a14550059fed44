// Which statements may be brought inside the server at the same instant, and how they are held
// there until both are in.
//
// Rows: a statement trigger on the table asks for a lock that we hold. It fires after the
// statement has taken its snapshot, so neither statement sees what the other one writes.
// Names: an uncommitted object of ours bears the name. A statement that creates it waits in the
// server for our transaction, which is then rolled back.
//
// A hold only delays: what comes of it can also come of two statements that run by themselves.
// One thread, but for note().
#pragma once

#include "harness/arena/connection.h"
#include "harness/sql/contested.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gauntlet::schedule {

class Overlaps {
 public:
  explicit Overlaps(const arena::Address& database) : ours_(database) {}

  /// What the statement with this fingerprint says. Any thread.
  void note(std::uint64_t fingerprint, const std::string& sql);

  /// On what the two would collide now: rows of a table that is there and that nobody keeps others
  /// from writing, or a name that nothing bears yet. Throws: StatementError.
  std::optional<sql::Contested> between(std::uint64_t one, std::uint64_t other);

  /// A trigger cannot be made on a table while a transaction is open that has written it. So before
  /// an overlap on rows is due, this makes it on every table on which there may be one, as soon as
  /// the table is there and nobody writes it. Throws: StatementError.
  void prepare();

  /// From now on a statement that comes to what is contested waits for backend_pid(). False if it
  /// cannot be held, because another session has a lock in the way.
  bool hold(const sql::Contested& contested);
  void release() noexcept;
  int backend_pid() const { return ours_.backend_pid(); }

  /// Removes what holding left in the database. Throws: StatementError while a session is in the
  /// way.
  void clean();

 private:
  bool is_contested(const sql::Contested& contested);
  bool hold_rows(const std::string& table);
  std::vector<std::string> tables_to_prepare();
  bool is_made_at_once(const std::string& table);

  arena::Connection ours_;
  std::optional<sql::Contested> common(std::uint64_t one, std::uint64_t other);

  std::mutex mutex_;
  std::map<std::uint64_t, std::vector<sql::Contested>> contested_by_;  ///< with the mutex
  std::set<std::string> tables_;    ///< whose rows are contested, with the mutex
  std::set<std::string> prepared_;  ///< those that have the trigger
  bool is_unclean_ = false;
};

}  // namespace gauntlet::schedule
