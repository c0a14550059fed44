#include "runner/session_leftovers.h"

#include "runner/sql/lexer.h"
#include "runner/values/own_query.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

// A lock that was taken n times is released in n rounds.
constexpr int rounds_max = 100;

// Each row is the statement that undoes one thing. Statements that a client library prepared by the
// protocol are the caller's. The lock of the run is not among the advisory locks.
std::string leftovers_query(std::int64_t lock_key) {
  const auto bits = std::bit_cast<std::uint64_t>(lock_key);
  return fmt::format(
      "SELECT 'DEALLOCATE ' || pg_catalog.quote_ident(name) FROM pg_catalog.pg_prepared_statement()"
      " WHERE from_sql"
      " UNION ALL SELECT 'CLOSE ' || pg_catalog.quote_ident(name) FROM pg_catalog.pg_cursor()"
      " WHERE is_holdable"
      " UNION ALL SELECT 'UNLISTEN ' || pg_catalog.quote_ident(channel)"
      " FROM pg_catalog.pg_listening_channels() AS t(channel)"
      " UNION ALL SELECT pg_catalog.format('SELECT pg_catalog.pg_advisory_unlock%s(%s)',"
      " CASE mode WHEN 'ShareLock' THEN '_shared' ELSE '' END,"
      " CASE objsubid WHEN 1 THEN ((classid::bigint << 32) | objid::bigint)::text ELSE"
      " pg_catalog.format('%s,%s', classid::bigint::bit(32)::int, objid::bigint::bit(32)::int) END)"
      " FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted"
      " AND pid = pg_catalog.pg_backend_pid()"
      " AND NOT (classid = {}::oid AND objid = {}::oid AND objsubid = 1)",
      bits >> 32U, bits & 0xffffffffU);
}

class SessionLeftovers final : public Kept {
 public:
  SessionLeftovers(const Applying& applying, const Task& task)
      : session_(applying.session),
        query_(leftovers_query(applying.lock.key())),
        name_(task.name()),
        where_(task.where()) {
    if (applying.turn.session_is_lent_again()) before_ = leftovers("");
  }

  // One message where nothing is left.
  void restore() const override {
    try {
      std::set<std::string> left = leftovers("DISCARD TEMP;");
      for (int round = 0; !left.empty(); ++round) {
        if (round == rounds_max)
          throw not_restored("its locks were taken too often", *left.begin());
        std::string undo;
        for (const std::string& statement : left) undo += statement + ";";
        left = leftovers(undo);
      }
    } catch (const SqlError& error) {
      if (error.connection_lost()) throw;
      throw not_restored(error.said().message, query_);
    }
  }

 private:
  // What is still there after `undone`.
  std::set<std::string> leftovers(const std::string& undone) const {
    std::set<std::string> left;
    const Message message = message_of(Purpose::undo, undone + query_);
    for (const auto& row : query_own(session_, message, 1).rows) {
      std::string undo = row.front().value_or("");
      if (!before_.contains(undo)) left.insert(std::move(undo));
    }
    return left;
  }

  Error not_restored(const std::string& why, const std::string& statement) const {
    return {"not-restored",
            fmt::format("{} is applied, but what it left in the session could not be undone: {}",
                        name_, why),
            fmt::format("{}\n         {}", where_, statement),
            "the next run goes on in a session of its own"};
  }

  Session& session_;
  std::string query_;
  std::string name_, where_;
  std::set<std::string> before_;  // of a caller's pool
};

// What a function of the database does, no text of the file tells.
bool may_leave_something(const std::string& lowered) {
  const auto holds = [&](std::string_view part) { return lowered.find(part) != std::string::npos; };
  const auto says = [&](std::string_view word) { return mentions(lowered, word); };
  constexpr std::array<std::string_view, 5> words = {"prepare", "hold", "listen", "call", "do"};
  return holds("temp") || holds("advisory") || std::ranges::any_of(words, says) ||
         (says("select") && holds("("));
}

}  // namespace

std::unique_ptr<Kept> keep_session(const Applying& applying, const Task& task) {
  const std::string lowered = lower(task.sql());
  // The values of sequences that an earlier file drew: alone, this one would have none.
  if (mentions(lowered, "currval") || mentions(lowered, "lastval")) {
    send_own(applying.session, message_of(Purpose::setting, "DISCARD SEQUENCES"));
  }
  const bool session_ends = task.rank == Task::Rank::last && !applying.turn.session_is_lent_again();
  if (session_ends || !(task.code() || may_leave_something(lowered))) return nullptr;
  return std::make_unique<SessionLeftovers>(applying, task);
}

}  // namespace gauntlet::runner
