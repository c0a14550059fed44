// A session with PostgreSQL, through libpq.
#include "runner/postgres/cancellation.h"
#include "runner/postgres/postgres_connection.h"
#include "runner/postgres/reply.h"
#include "runner/postgres/reply_watch.h"
#include "runner/postgres/session_errors.h"
#include "runner/postgres/socket_wait.h"

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
using Woken = SocketWait::Woken;

// How long a cancelled statement may take to stop before its connection is given up. One that was
// never answered has nothing to stop: it stands in a pooler's queue.
constexpr milliseconds cancel_patience{10'000}, overdue_patience{2'000};
constexpr milliseconds cancel_again_after{200};
// How often bytes may come in after a check is due before they count as an endless stream.
constexpr int overdue_reads_max = 64;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Received = std::unique_ptr<PGresult, ClearResult>;

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
    refuse_nul_byte(message);
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
    return is_given_up_ ? TransactionStatus::unknown : transaction_status_of(connection_.get());
  }

  int backend_pid() const override { return PQbackendPID(connection_.get()); }

  std::optional<std::string> wait_for_notification(milliseconds patience,
                                                   int interrupt_fd) override {
    const auto deadline = steady_clock::now() + patience;
    while (true) {
      if (PQconsumeInput(connection_.get()) == 0) throw lost(0);
      if (auto payload = next_notification(connection_.get())) return payload;
      const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
      if (left <= milliseconds::zero()) return std::nullopt;
      if (wait(POLLIN, interrupt_fd, left).woken == Woken::by_interrupt) return std::nullopt;
    }
  }

  std::string literal(std::string_view text) const override {
    return quoted_literal(connection_.get(), text);
  }
  std::string identifier(std::string_view name) const override {
    return quoted_identifier(connection_.get(), name);
  }

 private:
  std::vector<Result> exchange(const std::function<int()>& start) {
    cancellation_.forget();
    if (is_given_up_) throw given_up("it was given up before");
    if (start() == 0) throw lost(0);
    // Row by row, so that rows without end are seen before they fill the memory.
    PQsetSingleRowMode(connection_.get());
    watch_.begin(limits_.reply);
    flush();
    Reply reply(limits_.rows);
    bool asked_for_data = false;
    while (true) {
      await_result();
      const Received received(PQgetResult(connection_.get()));
      if (!received) break;
      asked_for_data = take(received.get(), reply) || asked_for_data;
    }
    answered_ = true;
    is_given_up_ = !cancellation_.settle(overdue_patience);
    tell_notices();
    if (!reply.error()) return reply.take_results();
    throw_refused(reply, asked_for_data);
  }

  [[noreturn]] void throw_refused(const Reply& reply, bool asked_for_data) const {
    const ServerMessage& said = *reply.error();
    const std::size_t completed = reply.completed();
    if (PQstatus(connection_.get()) == CONNECTION_BAD) throw lost(completed, said);
    const bool was_cancelled = said.sqlstate == "57014";
    const Cancellation::Why why = was_cancelled ? cancellation_.why() : Cancellation::Why::none;
    if (why == Cancellation::Why::interrupted) throw interrupted_while_running();
    if (why == Cancellation::Why::overdue) throw no_reply(overdue_words_, said, completed);
    if (asked_for_data) throw copy_refused(completed);
    throw SqlError(said, completed);
  }

  /// True if the server asked for the data of a COPY … FROM STDIN, and was refused.
  bool take(const PGresult* received, Reply& reply) {
    switch (PQresultStatus(received)) {
      case PGRES_COPY_IN:
      case PGRES_COPY_BOTH:
        PQputCopyEnd(connection_.get(), "a migration has no data to send");
        flush();
        return true;
      case PGRES_COPY_OUT:
        drain_copy(reply);
        return false;
      default:
        count(reply.add(received));
        return false;
    }
  }

  void count(std::size_t bytes) {
    if (watch_.count(bytes)) return;
    is_given_up_ = true;
    throw Error(
        "reply-too-large",
        fmt::format("the reply to one message holds more than {} MB", reply_bytes_max >> 20U), {},
        "select fewer rows, or count them");
  }

  void drain_copy(const Reply& reply) {
    char* row = nullptr;
    while (true) {
      const int length = PQgetCopyData(connection_.get(), &row, 1);
      if (length < 0) return;
      if (length > 0) {
        PQfreemem(row);
        if (reply.keeps_rows()) count(static_cast<std::size_t>(length));
      } else {
        await(POLLIN);
        if (PQconsumeInput(connection_.get()) == 0) return;
      }
    }
  }

  // Called by libpq in the middle of its own work: nothing may be thrown through it.
  static void receive_notice(void* session, const PGresult* notice) noexcept {
    auto* self = static_cast<PostgresSession*>(session);
    if (self->on_notice_) self->notices_.push_back(server_message_of(notice));
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

  void flush() {
    while (PQflush(connection_.get()) == 1) {
      const short ready = await(POLLIN | POLLOUT);
      if ((ready & POLLIN) != 0 && PQconsumeInput(connection_.get()) == 0) return;
    }
  }

  // Waits for the socket while a message is in flight, cancelling the statement if asked to.
  short await(short events) {
    while (true) {
      const bool cancels = cancellation_.is_under_way();
      const SocketWait waited = wait(events, cancels ? -1 : interrupt_fd_,
                                     cancels ? cancel_again_after : watch_.next_due());
      switch (waited.woken) {
        case Woken::by_failure:  // thrown already
        case Woken::by_server:
          refuse_endless_input();
          return waited.events;
        case Woken::by_interrupt:
          interrupt_fd_ = -1;
          cancel(Cancellation::Why::interrupted, answered_ ? cancel_patience : milliseconds(0));
          break;
        case Woken::by_time:
          if (!cancels) {
            refuse_silence();
            break;
          }
          // A request that overtook its statement found nothing to cancel.
          if (cancellation_.is_too_late()) throw_uncancelled();
          cancellation_.request(connection_.get());
      }
    }
  }

  void cancel(Cancellation::Why why, milliseconds patience) {
    cancellation_.begin(why, patience);
    cancellation_.request(connection_.get());
  }

  [[noreturn]] void throw_uncancelled() {
    if (cancellation_.why() == Cancellation::Why::interrupted) throw interrupted_while_running();
    throw given_up(overdue_words_);
  }

  // A server that works cancels the query: then what is in its way can be asked for.
  void refuse_silence() {
    overdue_reads_ = 0;
    const auto silence = watch_.check(connection_.get(), interrupt_fd_);
    if (!silence) return;
    if (silence->kind == Silence::Kind::dead) throw given_up(silence->words);
    overdue_words_ = silence->words;
    cancel(Cancellation::Why::overdue, overdue_patience);
  }

  // Notices without end are no answer either. Not at the first read: a process that was stopped
  // finds its reply waiting when it goes on.
  void refuse_endless_input() {
    const bool cancels = cancellation_.is_under_way();
    const bool is_late = cancels ? cancellation_.is_too_late() : watch_.next_due().count() == 0;
    if (!is_late || ++overdue_reads_ <= overdue_reads_max) return;
    if (cancels) throw_uncancelled();
    refuse_silence();
  }

  SqlError given_up(const std::string& reason) {
    is_given_up_ = true;
    return lost(0, ServerMessage{.message = reason});
  }

  SocketWait wait(short events, int interrupt_fd, milliseconds limit) const {
    const SocketWait waited =
        wait_on_socket(PQsocket(connection_.get()), events, interrupt_fd, limit);
    if (waited.woken == Woken::by_failure) throw lost(0);
    return waited;
  }

  SqlError lost(std::size_t completed, const ServerMessage& said = {}) const {
    const bool is_silent = said.message.empty();
    return connection_lost(is_silent ? one_line(PQerrorMessage(connection_.get())) : said.message,
                           said, completed);
  }

  PostgresConnection connection_;
  const SqlDialect& dialect_;
  OnNotice on_notice_;
  std::vector<ServerMessage> notices_;  // received, not told yet
  int interrupt_fd_ = -1;
  StatementLimits limits_;
  ReplyWatch watch_;
  Cancellation cancellation_;
  std::string overdue_words_;
  int overdue_reads_ = 0;
  bool is_given_up_ = false;  // its reply may still come, and must not be taken for another's
  bool answered_ = false;     // once, at least
};

}  // namespace

std::unique_ptr<Session> session_over(PostgresConnection connection, const SqlDialect& dialect) {
  return std::make_unique<PostgresSession>(std::move(connection), dialect);
}

}  // namespace gauntlet::runner
