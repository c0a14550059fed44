#include "runner/postgres/advisory_lock.h"

#include "runner/postgres/pooling.h"
#include "runner/values/number.h"
#include "runner/values/own_query.h"

#include <bit>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

constexpr std::string_view holder_columns =
    "l.pid, a.application_name, a.client_addr::text, pg_catalog.to_char(a.backend_start"
    " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), a.state,"
    " pg_catalog.left(pg_catalog.regexp_replace(a.query, '\\s+', ' ', 'g'), 120)";

constexpr std::size_t holder_columns_count = 6;

std::optional<LockHolder> holder_where(Session& session, const std::string& condition) {
  const std::string holder = fmt::format(
      "SELECT {} FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a"
      " ON a.pid = l.pid WHERE l.granted AND l.database = (SELECT d.oid FROM"
      " pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())"
      " AND {} LIMIT 1",
      holder_columns, condition);
  const Result result = query_own(session, message_of(Purpose::ask, holder), holder_columns_count);
  if (result.rows.empty()) return std::nullopt;
  const auto text = [&](std::size_t column) { return result.rows.front()[column].value_or(""); };
  return LockHolder{.pid = number_in<int>(text(0)).value_or(0),
                    .application = text(1),
                    .address = text(2),
                    .since = text(3),
                    .state = text(4),
                    .statement = text(5)};
}

class AdvisoryLock final : public Lock {
 public:
  AdvisoryLock(Session& session, LockMode mode, std::int64_t key, std::string table)
      : session_(session),
        mode_(mode),
        key_(key),
        table_(std::move(table)),
        channel_(fmt::format("gauntlet_{:016x}", std::bit_cast<std::uint64_t>(key))) {}

  const std::string& table() const override { return table_; }
  std::int64_t key() const override { return key_; }
  LockMode mode() const override { return mode_; }
  bool lasts_a_run() const override { return mode_ != LockMode::transaction; }
  bool covers_outside() const override { return lasts_a_run(); }

  std::string take_statement(const std::string& condition) const override {
    return fmt::format("SELECT pg_catalog.pg_try_advisory_lock({})::text WHERE {}", key_,
                       condition);
  }

  void refuse_pooler(int answered_pid, SessionSource& sessions) const override {
    const Pooling pooling = pooling_of(session_, answered_pid, sessions);
    if (pooling == Pooling::by_session) return;
    throw pooler_error(pooling, session_.backend_pid(), answered_pid);
  }

  std::string transaction_statement() const override {
    return mode_ == LockMode::transaction ? try_in_transaction() : "";
  }

  std::vector<OwnStatement> opening() const override {
    // Where the turn is the transaction's, what is seen after the lock must be what stands then.
    std::vector<OwnStatement> statements{
        {Purpose::begin, lasts_a_run() ? "BEGIN" : session_.dialect().begin_read_committed()}};
    add_statement(statements, Purpose::turn, transaction_statement());
    return statements;
  }

  std::shared_ptr<const void> try_beside() const override { return std::make_shared<int>(0); }

  std::string proof_statement() const override {
    if (mode_ == LockMode::none) return {};
    return try_in_transaction();
  }
  std::string session_proof_statement() const override {
    if (!is_a_sessions()) return {};
    return fmt::format("SELECT 1 / pg_catalog.pg_try_advisory_lock({})::int", key_);
  }
  std::string release_statement() const override {
    if (!is_a_sessions()) return {};
    return fmt::format("SELECT pg_catalog.pg_advisory_unlock({})::text", key_);
  }

  std::string listen_statement() const override {
    return mode_ == LockMode::notify ? "LISTEN " + channel_ : "";
  }
  std::string unlisten_statement() const override {
    return mode_ == LockMode::notify ? "UNLISTEN " + channel_ : "";
  }
  std::string notify_statement(const std::string& payload) const override {
    if (mode_ != LockMode::notify) return {};
    return fmt::format("NOTIFY {}, {}", channel_, session_.literal(payload));
  }

  std::string holder_text() const override {
    const auto held = holder();
    return held ? held->text() : "";
  }

 private:
  bool is_a_sessions() const { return mode_ == LockMode::notify; }

  std::string try_in_transaction() const {
    return fmt::format("SELECT 1 / pg_catalog.pg_try_advisory_xact_lock({})::int", key_);
  }

  std::optional<LockHolder> holder() const {
    if (mode_ == LockMode::none) return std::nullopt;
    return lock_holder(session_, key_);
  }

  Session& session_;
  LockMode mode_;
  std::int64_t key_;
  std::string table_;
  std::string channel_;
};

}  // namespace

std::unique_ptr<Lock> make_advisory_lock(Session& session, LockMode mode, std::int64_t key,
                                         std::string table) {
  return std::make_unique<AdvisoryLock>(session, mode, key, std::move(table));
}

std::optional<LockHolder> lock_holder(Session& session, std::int64_t key) {
  const auto bits = std::bit_cast<std::uint64_t>(key);
  return holder_where(session, fmt::format("l.locktype = 'advisory' AND l.classid = {}::oid AND"
                                           " l.objid = {}::oid AND l.objsubid = 1",
                                           bits >> 32U, bits & 0xffffffffU));
}

}  // namespace gauntlet::runner
