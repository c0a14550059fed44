#include "runner/lock.h"

#include <bit>
#include <charconv>

#include <fmt/format.h>

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
  std::string from = application.empty() ? "" : fmt::format(" \"{}\"", application);
  from += address.empty() ? " over a local socket" : " from " + address;
  const std::string doing = statement.empty() ? "" : fmt::format(", statement: {}", statement);
  return fmt::format("pid {}{}, since {}, {}{} (to end it: SELECT pg_terminate_backend({}))", pid,
                     from, since, state.empty() ? "state unknown" : state, doing, pid);
}

std::optional<LockHolder> lock_holder(Session& session, std::int64_t key) {
  const auto bits = std::bit_cast<std::uint64_t>(key);
  const Result result =
      session
          .send(fmt::format(
              "SELECT l.pid, a.application_name, a.client_addr::text, "
              "pg_catalog.to_char(a.backend_start"
              " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), a.state,"
              " pg_catalog.left(pg_catalog.regexp_replace(a.query, '\\s+', ' ', 'g'), 120)"
              " FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
              " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {}::oid AND l.objid = "
              "{}::oid"
              " AND l.objsubid = 1 AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d "
              "WHERE"
              " d.datname = pg_catalog.current_database()) LIMIT 1",
              bits >> 32U, bits & 0xffffffffU))
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

Lock::Lock(Session& session, std::int64_t key)
    : session_(session),
      key_(key),
      channel_(fmt::format("gauntlet_{:016x}", std::bit_cast<std::uint64_t>(key))) {}

std::string Lock::try_statement(const std::string& condition) const {
  return fmt::format("SELECT pg_catalog.pg_try_advisory_lock({})::text WHERE {}", key_, condition);
}

std::string Lock::proof_statement() const {
  return fmt::format("SELECT 1 / pg_catalog.pg_try_advisory_xact_lock({})::int", key_);
}

std::string Lock::session_proof_statement() const {
  return fmt::format("SELECT 1 / pg_catalog.pg_try_advisory_lock({})::int", key_);
}

std::string Lock::listen_statement() const { return "LISTEN " + channel_; }

std::string Lock::notify_statement(const std::string& payload) const {
  return fmt::format("NOTIFY {}, {}", channel_, session_.literal(payload));
}

std::string FailureNotice::payload() const {
  return fmt::format("failed {} {}", version.number, checksum);
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
  notice.checksum.assign(read.ptr + 1, payload.data() + payload.size());
  return notice;
}

Fallback::Fallback(std::uint32_t seed) : random_(seed | 1U) {}

milliseconds Fallback::next(milliseconds waited) {
  milliseconds longest{250};
  if (waited > seconds(10)) longest = milliseconds(500);
  if (waited > seconds(30)) longest = milliseconds(1000);
  // xorshift32: spreads waiters apart, nothing more.
  random_ ^= random_ << 13U;
  random_ ^= random_ >> 17U;
  random_ ^= random_ << 5U;
  const auto half = longest / 2;
  return half + milliseconds(static_cast<std::int64_t>(random_) % (half.count() + 1));
}

}  // namespace gauntlet::runner
