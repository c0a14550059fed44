#include "runner/turn/lock.h"

#include "runner/sqlite/sqlite_holder.h"
#include "runner/tracker/dialect.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::runner {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::int64_t lock_key_of(std::string_view schema_table) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char character : schema_table) {
    hash ^= static_cast<unsigned char>(character);
    hash *= 1099511628211ULL;
  }
  return hash == 0 ? 1 : std::bit_cast<std::int64_t>(hash);
}

std::string LockHolder::text() const {
  if (!file.empty())
    return fmt::format("process {} ({}), which has the lock on {}", pid, application, file);
  std::string from = application.empty() ? "" : fmt::format(" \"{}\"", application);
  from += address.empty() ? " over a local socket" : " from " + address;
  const std::string doing = statement.empty() ? "" : fmt::format(", statement: {}", statement);
  return fmt::format("pid {}{}, since {}, {}{} (to end it: SELECT pg_terminate_backend({}))", pid,
                     from, since, state.empty() ? "state unknown" : state, doing, pid);
}

namespace {

constexpr std::string_view holder_columns =
    "l.pid, a.application_name, a.client_addr::text, pg_catalog.to_char(a.backend_start"
    " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), a.state,"
    " pg_catalog.left(pg_catalog.regexp_replace(a.query, '\\s+', ' ', 'g'), 120)";

std::optional<LockHolder> holder_where(Session& session, const std::string& condition) {
  const Result result =
      session
          .send(fmt::format(
              "SELECT {} FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a"
              " ON a.pid = l.pid WHERE l.granted AND l.database = (SELECT d.oid FROM"
              " pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())"
              " AND {} LIMIT 1",
              holder_columns, condition))
          .front();
  if (result.rows.empty()) return std::nullopt;
  const auto text = [&](std::size_t column) { return result.rows.front()[column].value_or(""); };
  LockHolder holder{.pid = 0,
                    .application = text(1),
                    .address = text(2),
                    .since = text(3),
                    .state = text(4),
                    .statement = text(5)};
  const std::string pid = text(0);
  std::from_chars(pid.data(), pid.data() + pid.size(), holder.pid);
  return holder;
}

}  // namespace

std::optional<LockHolder> lock_holder(Session& session, std::int64_t key) {
  const auto bits = std::bit_cast<std::uint64_t>(key);
  return holder_where(session, fmt::format("l.locktype = 'advisory' AND l.classid = {}::oid AND"
                                           " l.objid = {}::oid AND l.objsubid = 1",
                                           bits >> 32U, bits & 0xffffffffU));
}

std::optional<LockHolder> lock_holder(const std::filesystem::path& file) {
  const auto holder = sqlite_holder(file);
  if (!holder) return std::nullopt;
  return LockHolder{.pid = holder->pid, .application = holder->program, .file = file.string()};
}

Lock::Lock(Session& session, LockMode mode, std::int64_t key, std::string table)
    : session_(session),
      mode_(mode),
      key_(key),
      table_(std::move(table)),
      channel_(fmt::format("gauntlet_{:016x}", std::bit_cast<std::uint64_t>(key))) {}

std::string Lock::take_statement(const std::string& condition) const {
  if (mode_ == LockMode::blocking) {
    return fmt::format("SELECT 'true' FROM pg_catalog.pg_advisory_lock({})", key_);
  }
  return fmt::format("SELECT pg_catalog.pg_try_advisory_lock({})::text WHERE {}", key_, condition);
}

std::string Lock::transaction_statement() const {
  if (session_.engine() == Engine::sqlite) return {};
  switch (mode_) {
    case LockMode::transaction:
      return fmt::format("SELECT 1 / pg_catalog.pg_try_advisory_xact_lock({})::int", key_);
    case LockMode::table:
      // Those who only read the tracker are not in its way.
      return fmt::format("LOCK TABLE {} IN EXCLUSIVE MODE NOWAIT", table_);
    case LockMode::notify:
    case LockMode::blocking:
    case LockMode::none:
      break;
  }
  return {};
}

bool Lock::is_busy(const SqlError& error) const {
  return dialect_of(session_.engine()).is_busy(error);
}

std::vector<OwnStatement> Lock::opening() const {
  if (session_.engine() == Engine::sqlite) return {{Purpose::turn, "BEGIN IMMEDIATE"}};
  // Where the turn is the transaction's, what is seen after the lock must be what stands then.
  std::vector<OwnStatement> statements{
      {Purpose::begin, lasts_a_run() ? "BEGIN" : "BEGIN ISOLATION LEVEL READ COMMITTED"}};
  std::string turn = transaction_statement();
  if (!turn.empty()) statements.push_back({Purpose::turn, std::move(turn)});
  return statements;
}

std::vector<Result> Lock::send_at_once(const std::string& message) const {
  struct Restore {
    Session& session;
    StatementLimits before;
    ~Restore() { session.limit(before); }
  };
  StatementLimits at_once = session_.limit({});
  const Restore restore{.session = session_, .before = at_once};
  at_once.lock_wait = milliseconds(0);
  session_.limit(at_once);
  return session_.send(message);
}

std::shared_ptr<const void> Lock::try_beside() const {
  if (session_.engine() != Engine::sqlite) return std::make_shared<int>(0);
  if (!beside_) beside_ = std::make_unique<FileLock>(lock_beside(file_of_session()));
  return beside_->try_hold();
}

// As SQLite resolved it, so that every name of the file makes the same one.
std::string Lock::file_of_session() const {
  return session_.send("PRAGMA database_list").front().rows.front()[2].value_or("");
}

std::string Lock::proof_statement() const {
  if (session_.engine() == Engine::sqlite) return {};
  if (mode_ == LockMode::table || mode_ == LockMode::none) return {};
  return fmt::format("SELECT 1 / pg_catalog.pg_try_advisory_xact_lock({})::int", key_);
}

std::string Lock::session_proof_statement() const {
  if (mode_ != LockMode::notify && mode_ != LockMode::blocking) return {};
  return fmt::format("SELECT 1 / pg_catalog.pg_try_advisory_lock({})::int", key_);
}

std::string Lock::release_statement() const {
  if (mode_ != LockMode::notify && mode_ != LockMode::blocking) return {};
  return fmt::format("SELECT pg_catalog.pg_advisory_unlock({})::text", key_);
}

std::string Lock::listen_statement() const {
  return mode_ == LockMode::notify ? "LISTEN " + channel_ : "";
}

std::string Lock::unlisten_statement() const {
  return mode_ == LockMode::notify ? "UNLISTEN " + channel_ : "";
}

std::string Lock::notify_statement(const std::string& payload) const {
  if (mode_ != LockMode::notify) return {};
  return fmt::format("NOTIFY {}, {}", channel_, session_.literal(payload));
}

std::string Lock::holder_text() const {
  const auto held = holder();
  if (held) return held->text();
  return session_.engine() == Engine::sqlite ? "another connection to " + file_of_session() : "";
}

std::optional<LockHolder> Lock::holder() const {
  if (session_.engine() == Engine::sqlite) return lock_holder(file_of_session());
  if (mode_ == LockMode::none) return std::nullopt;
  if (mode_ != LockMode::table) return lock_holder(session_, key_);
  return holder_where(session_,
                      fmt::format("l.locktype = 'relation' AND l.mode = 'ExclusiveLock' AND"
                                  " l.relation = pg_catalog.to_regclass({})",
                                  session_.literal(table_)));
}

std::string this_replica() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) return fmt::format("process {}", getpid());
  return fmt::format("process {} on {}", getpid(), host.data());
}

std::string FailureNotice::payload() const {
  return fmt::format("failed {} {} {}", version.number, checksum, replica);
}

std::optional<FailureNotice> FailureNotice::parse(std::string_view payload) {
  constexpr std::string_view verb = "failed ";
  if (!payload.starts_with(verb)) return std::nullopt;
  payload.remove_prefix(verb.size());
  FailureNotice notice;
  const auto read =
      std::from_chars(payload.data(), payload.data() + payload.size(), notice.version.number);
  if (read.ec != std::errc{} || read.ptr == payload.data() + payload.size() || *read.ptr != ' ') {
    return std::nullopt;
  }
  const std::string_view rest(read.ptr + 1, payload.data() + payload.size());
  const std::size_t space = std::min(rest.find(' '), rest.size());
  notice.checksum = rest.substr(0, space);
  if (space < rest.size()) notice.replica = rest.substr(space + 1);
  return notice;
}

Fallback::Fallback(std::uint32_t seed, Told told) : random_(seed | 1U), told_(told) {}

milliseconds Fallback::next(milliseconds waited) {
  milliseconds longest{250};
  if (told_ == Told::by_nobody) {
    longest = std::clamp(waited / 4, milliseconds(10), milliseconds(250));
  } else if (waited > seconds(30)) {
    longest = milliseconds(1000);
  } else if (waited > seconds(10)) {
    longest = milliseconds(500);
  }
  // xorshift32: spreads waiters apart, nothing more.
  random_ ^= random_ << 13U;
  random_ ^= random_ >> 17U;
  random_ ^= random_ << 5U;
  const auto half = longest / 2;
  return half + milliseconds(static_cast<std::int64_t>(random_) % (half.count() + 1));
}

}  // namespace gauntlet::runner
