// A session with PostgreSQL, through libpq.
#include "runner/postgres/postgres_connection.h"
#include "runner/postgres/reply_watch.h"
#include "runner/values/number.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <functional>
#include <utility>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

namespace gauntlet::runner {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long a cancelled statement may take to stop before its connection is given up. One that was
// never answered has nothing to stop: it stands in a pooler's queue.
constexpr std::chrono::seconds cancel_patience{10};
constexpr milliseconds cancel_again_after{200};
// How often bytes may come in after a check is due before they count as an endless stream.
constexpr int overdue_reads_max = 64;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Received = std::unique_ptr<PGresult, ClearResult>;

ServerMessage message_of(const PGresult* result) {
  const auto field = [result](int code) {
    const char* text = PQresultErrorField(result, code);
    return std::string(text == nullptr ? "" : text);
  };
  ServerMessage said{.sqlstate = field(PG_DIAG_SQLSTATE),
                     .message = field(PG_DIAG_MESSAGE_PRIMARY),
                     .detail = field(PG_DIAG_MESSAGE_DETAIL),
                     .hint = field(PG_DIAG_MESSAGE_HINT),
                     .context = field(PG_DIAG_CONTEXT),
                     .position = number_in<std::size_t>(field(PG_DIAG_STATEMENT_POSITION)),
                     .sqlite_code = {},
                     .severity = field(PG_DIAG_SEVERITY_NONLOCALIZED),
                     .raised_at = {}};
  if (const std::string file = field(PG_DIAG_SOURCE_FILE); !file.empty()) {
    said.raised_at = file + ":" + field(PG_DIAG_SOURCE_LINE);
  }
  if (said.message.empty()) said.message = one_line(PQresultErrorMessage(result));
  return said;
}

Result empty_result_of(const PGresult* received) {
  Result result;
  const int columns = PQnfields(received);
  for (int column = 0; column < columns; ++column) {
    result.columns.emplace_back(PQfname(received, column));
  }
  return result;
}

/// Returns how many bytes they hold.
std::size_t add_rows(const PGresult* received, Result& result) {
  std::size_t bytes = 0;
  const int columns = PQnfields(received);
  for (int row = 0; row < PQntuples(received); ++row) {
    auto& values = result.rows.emplace_back();
    for (int column = 0; column < columns; ++column) {
      const auto length = static_cast<std::size_t>(PQgetlength(received, row, column));
      bytes += length + sizeof(values.front());
      if (PQgetisnull(received, row, column) != 0) {
        values.emplace_back(std::nullopt);
      } else {
        values.emplace_back(std::string(PQgetvalue(received, row, column), length));
      }
    }
  }
  return bytes;
}

timespec timespec_of(milliseconds time) {
  return {.tv_sec = static_cast<time_t>(time.count() / 1000),
          .tv_nsec = static_cast<long>(time.count() % 1000) * 1'000'000L};
}

class PostgresSession final : public Session {
 public:
  PostgresSession(PostgresConnection connection, const SqlDialect& dialect)
      : connection_(std::move(connection)), dialect_(dialect) {
    PQsetnonblocking(connection_.get(), 1);
    PQsetNoticeReceiver(connection_.get(), &PostgresSession::receive_notice, this);
  }

  Engine engine() const override { return Engine::postgres; }
  const SqlDialect& dialect() const override { return dialect_; }

  std::vector<Result> send(std::string_view message) override {
    // libpq takes a C string and would silently stop at a NUL.
    if (message.find('\0') != std::string_view::npos) {
      throw Error("nul-byte", "the SQL holds a NUL byte, which PostgreSQL cannot take", {},
                  "remove the NUL byte");
    }
    const std::string text(message);
    return exchange([&] { return PQsendQuery(connection_.get(), text.c_str()); });
  }

  Result query(std::string_view statement,
               const std::vector<std::optional<std::string>>& parameters) override {
    const std::string text(statement);
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const auto& value : parameters) values.push_back(value ? value->c_str() : nullptr);
    const auto start = [&] {
      return PQsendQueryParams(connection_.get(), text.c_str(), static_cast<int>(values.size()),
                               nullptr, values.data(), nullptr, nullptr, 0);
    };
    std::vector<Result> results = exchange(start);
    return results.empty() ? Result{} : std::move(results.front());
  }

  void on_notice(OnNotice told) override { on_notice_ = std::move(told); }
  void interrupt_with(int fd) override { interrupt_fd_ = fd; }

  StatementLimits limit(const StatementLimits& limits) override {
    return std::exchange(limits_, limits);
  }

  TransactionStatus transaction_status() const override {
    if (is_given_up_) return TransactionStatus::unknown;
    switch (PQtransactionStatus(connection_.get())) {
      case PQTRANS_IDLE:
        return TransactionStatus::idle;
      case PQTRANS_ACTIVE:
        return TransactionStatus::active;
      case PQTRANS_INTRANS:
        return TransactionStatus::in_transaction;
      case PQTRANS_INERROR:
        return TransactionStatus::in_error;
      case PQTRANS_UNKNOWN:
        break;
    }
    return TransactionStatus::unknown;
  }

  int backend_pid() const override { return PQbackendPID(connection_.get()); }

  std::optional<std::string> wait_for_notification(milliseconds patience,
                                                   int interrupt_fd) override {
    const auto deadline = steady_clock::now() + patience;
    while (true) {
      if (PQconsumeInput(connection_.get()) == 0) throw lost(0);
      if (auto payload = next_notification()) return payload;
      const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
      if (left <= milliseconds::zero()) return std::nullopt;
      const timespec limit = timespec_of(left);
      if (wait(POLLIN, interrupt_fd, &limit) == Woken::by_interrupt) return std::nullopt;
    }
  }

  std::string literal(std::string_view text) const override {
    return quoted(PQescapeLiteral(connection_.get(), text.data(), text.size()));
  }
  std::string identifier(std::string_view name) const override {
    return quoted(PQescapeIdentifier(connection_.get(), name.data(), name.size()));
  }

 private:
  enum class Woken { by_server, by_interrupt, by_time };

  struct Reply {
    std::vector<Result> results;
    std::optional<Result> growing;  // of the statement whose rows are coming in
    std::optional<ServerMessage> error;
    bool asked_for_data = false;
  };

  std::vector<Result> exchange(const std::function<int()>& start) {
    cancelled_ = false;
    if (is_given_up_) throw given_up("it was given up before");
    if (start() == 0) throw lost(0);
    // Row by row, so that rows without end are seen before they fill the memory.
    PQsetSingleRowMode(connection_.get());
    watch_.begin(limits_.reply);
    flush();
    Reply reply;
    while (true) {
      await_result();
      const Received received(PQgetResult(connection_.get()));
      if (!received) break;
      take(received.get(), reply);
    }
    answered_ = true;
    tell_notices();
    if (!reply.error) return std::move(reply.results);
    const std::size_t completed = reply.results.size();
    if (PQstatus(connection_.get()) == CONNECTION_BAD) throw lost(completed, *reply.error);
    if (cancelled_ && reply.error->sqlstate == "57014") throw interrupted();
    if (reply.asked_for_data) throw copy_refused(completed);
    throw SqlError(std::move(*reply.error), completed);
  }

  void take(const PGresult* received, Reply& reply) {
    switch (PQresultStatus(received)) {
      case PGRES_COPY_IN:
      case PGRES_COPY_BOTH:
        reply.asked_for_data = true;
        PQputCopyEnd(connection_.get(), "a migration has no data to send");
        flush();
        return;
      case PGRES_COPY_OUT:
        drain_copy();
        return;
      case PGRES_BAD_RESPONSE:
      case PGRES_NONFATAL_ERROR:
      case PGRES_FATAL_ERROR:
        // The first error is the cause; what follows it (the connection's own end) is not.
        if (!reply.error) reply.error = message_of(received);
        return;
      case PGRES_EMPTY_QUERY:
        return;
      case PGRES_SINGLE_TUPLE:
        grow(received, reply);
        return;
      default:
        grow(received, reply);
        reply.growing->tag = PQcmdStatus(const_cast<PGresult*>(received));
        reply.results.push_back(*std::exchange(reply.growing, std::nullopt));
    }
  }

  void grow(const PGresult* received, Reply& reply) {
    if (!reply.growing) reply.growing = empty_result_of(received);
    if (keeps_rows()) count(add_rows(received, *reply.growing));
  }

  bool keeps_rows() const { return limits_.rows == StatementLimits::Rows::kept; }

  void count(std::size_t bytes) {
    if (watch_.count(bytes)) return;
    give_up();
    throw Error(
        "reply-too-large",
        fmt::format("the reply to one message holds more than {} MB", reply_bytes_max >> 20U), {},
        "select fewer rows, or count them");
  }

  void drain_copy() {
    char* row = nullptr;
    while (true) {
      const int length = PQgetCopyData(connection_.get(), &row, 1);
      if (length < 0) return;
      if (length > 0) {
        PQfreemem(row);
        if (keeps_rows()) count(static_cast<std::size_t>(length));
      } else {
        await(POLLIN);
        if (PQconsumeInput(connection_.get()) == 0) return;
      }
    }
  }

  // Called by libpq in the middle of its own work: nothing may be thrown through it.
  static void receive_notice(void* session, const PGresult* notice) noexcept {
    auto* self = static_cast<PostgresSession*>(session);
    if (self->on_notice_) self->notices_.push_back(message_of(notice));
  }

  void tell_notices() {
    for (const ServerMessage& said : std::exchange(notices_, {})) on_notice_(said);
  }

  void await_result() {
    while (PQisBusy(connection_.get()) != 0) {
      tell_notices();
      await(POLLIN);
      // On failure PQgetResult says why.
      if (PQconsumeInput(connection_.get()) == 0) break;
    }
  }

  std::optional<std::string> next_notification() {
    const std::unique_ptr<PGnotify, FreePostgresMemory> notice(PQnotifies(connection_.get()));
    if (!notice) return std::nullopt;
    return std::string(notice->extra);
  }

  void flush() {
    while (PQflush(connection_.get()) == 1) {
      const short ready = await(POLLIN | POLLOUT);
      if ((ready & POLLIN) != 0 && PQconsumeInput(connection_.get()) == 0) return;
    }
  }

  // Waits for the socket while a message is in flight, cancelling the statement if asked to.
  short await(short events) {
    while (true) {
      const timespec limit = timespec_of(cancelled_ ? cancel_again_after : watch_.next_due());
      switch (wait(events, cancelled_ ? -1 : interrupt_fd_, &limit)) {
        case Woken::by_server:
          refuse_endless_input();
          return ready_;
        case Woken::by_interrupt:
          cancelled_ = true;
          interrupt_fd_ = -1;
          cancel_deadline_ = steady_clock::now();
          if (answered_) cancel_deadline_ += cancel_patience;
          cancel();
          break;
        case Woken::by_time:
          if (!cancelled_) {
            refuse_silence();
            break;
          }
          // A request that overtook its statement found nothing to cancel.
          if (steady_clock::now() > cancel_deadline_) throw interrupted();
          cancel();
      }
    }
  }

  void refuse_silence() {
    overdue_reads_ = 0;
    if (const auto reason = watch_.check(connection_.get(), interrupt_fd_)) {
      throw given_up(*reason);
    }
  }

  // Notices without end are no answer either. Not at the first read: a process that was stopped
  // finds its reply waiting when it goes on.
  void refuse_endless_input() {
    if (cancelled_ || watch_.next_due().count() > 0) return;
    if (++overdue_reads_ > overdue_reads_max) refuse_silence();
  }

  void give_up() { is_given_up_ = true; }

  SqlError given_up(const std::string& reason) {
    give_up();
    return lost(0, ServerMessage{.message = reason});
  }

  void cancel() {
    const auto free_cancel = [](PGcancel* cancel) { PQfreeCancel(cancel); };
    const std::unique_ptr<PGcancel, decltype(free_cancel)> request(PQgetCancel(connection_.get()),
                                                                   free_cancel);
    std::array<char, 256> reason{};
    PQcancel(request.get(), reason.data(), static_cast<int>(reason.size()));
  }

  Woken wait(short events, int interrupt_fd, const timespec* limit) {
    std::array<pollfd, 2> polled{pollfd{PQsocket(connection_.get()), events, 0},
                                 pollfd{interrupt_fd, POLLIN, 0}};
    const int count = ppoll(polled.data(), polled.size(), limit, nullptr);
    if (count < 0 && errno != EINTR) throw lost(0);
    if (count <= 0) return count == 0 ? Woken::by_time : Woken::by_server;
    if (polled[1].revents != 0) return Woken::by_interrupt;
    ready_ = polled[0].revents;
    return Woken::by_server;
  }

  SqlError lost(std::size_t completed, const ServerMessage& said = {}) const {
    std::string words =
        said.message.empty() ? one_line(PQerrorMessage(connection_.get())) : said.message;
    if (!said.sqlstate.empty()) words += fmt::format(" (SQLSTATE {})", said.sqlstate);
    return SqlError(ServerMessage{.sqlstate = {},
                                  .message = "the connection to the server was lost: " + words,
                                  .detail = said.detail,
                                  .hint = said.hint,
                                  .context = {},
                                  .position = {}},
                    completed);
  }

  static Error interrupted() {
    return {"interrupted", "interrupted while a statement ran; it was cancelled"};
  }

  static Error copy_refused(std::size_t completed) {
    return {"copy-from-stdin",
            fmt::format("statement {} is COPY … FROM STDIN, and a migration has no data to send",
                        completed + 1),
            {},
            "write the rows as INSERT statements, or COPY from a file on the server"};
  }

  std::string quoted(char* text) const {
    const std::unique_ptr<char, FreePostgresMemory> memory(text);
    if (!memory) {
      throw Error("not-utf8", "a name or text could not be quoted: " +
                                  one_line(PQerrorMessage(connection_.get())));
    }
    return memory.get();
  }

  PostgresConnection connection_;
  const SqlDialect& dialect_;
  OnNotice on_notice_;
  std::vector<ServerMessage> notices_;  // received, not told yet
  int interrupt_fd_ = -1;
  StatementLimits limits_;
  ReplyWatch watch_;
  int overdue_reads_ = 0;
  bool is_given_up_ = false;  // its reply may still come, and must not be taken for another's
  bool cancelled_ = false;
  bool answered_ = false;  // once, at least
  steady_clock::time_point cancel_deadline_;
  short ready_ = 0;
};

}  // namespace

std::unique_ptr<Session> session_over(PostgresConnection connection, const SqlDialect& dialect) {
  return std::make_unique<PostgresSession>(std::move(connection), dialect);
}

}  // namespace gauntlet::runner
