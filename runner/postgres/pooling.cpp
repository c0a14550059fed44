#include "runner/postgres/pooling.h"

#include "runner/values/number.h"
#include "runner/values/own_query.h"

#include <algorithm>
#include <chrono>
#include <string>

#include <fmt/format.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace gauntlet::runner {

namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds connect_patience{5};
constexpr std::chrono::seconds answer_patience{2};
constexpr milliseconds hear_patience{1'000};
constexpr int unlisten_tries = 5;

// Readable after `answer_patience`: a pool that has no second server session lets us queue.
class Alarm {
 public:
  Alarm() : fd_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
    itimerspec when{};
    when.it_value.tv_sec = answer_patience.count();
    timerfd_settime(fd_, 0, &when, nullptr);
  }
  ~Alarm() { close(fd_); }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  int fd() const { return fd_; }

 private:
  int fd_;
};

int process_of(Session& session) {
  // No process has the number 0.
  return number_in<int>(query_own_value(session, message_of(Purpose::ask,
                                                            "SELECT pg_catalog.pg_backend_pid()")))
      .value_or(0);
}

// A pooler that lends by transaction may have left the listening with a session that is not ours.
void stop_listening(Session& session, const std::string& channel, const std::string& listening) {
  for (int tries = 0; tries < unlisten_tries; ++tries) {
    const std::string answered = query_own_value(
        session,
        message_of(Purpose::ask, "UNLISTEN " + channel + "; SELECT pg_catalog.pg_backend_pid()"));
    if (answered == listening) return;
  }
}

// A server session that a pooler lends to several may bring what is meant for another of them.
bool hears(Session& session, const std::string& payload) {
  const auto end = std::chrono::steady_clock::now() + hear_patience;
  while (true) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
    const auto heard = session.wait_for_notification(std::max(left, milliseconds(0)), -1);
    if (!heard || *heard == payload) return heard.has_value();
  }
}

// What is notified while a client stands idle reaches it only if a server session is its own.
bool hears_while_idle(Session& session, Session& other) {
  const std::string channel =
      fmt::format("gauntlet_pooler_{:x}", static_cast<unsigned>(session.backend_pid()));
  const std::string listening = query_own_value(
      session,
      message_of(Purpose::ask, "LISTEN " + channel + "; SELECT pg_catalog.pg_backend_pid()"));
  send_own(other, message_of(Purpose::ask, fmt::format("NOTIFY {0}, '{0}'", channel)));
  const bool heard_it = hears(session, channel);
  stop_listening(session, channel, listening);
  return heard_it;
}

}  // namespace

Pooling pooling_of(Session& session, int answered, SessionSource& sessions) {
  try {
    const auto other = sessions.acquire(connect_patience);
    const Alarm alarm;
    other->interrupt_with(alarm.fd());
    if (process_of(*other) == answered) return Pooling::by_transaction;
    return hears_while_idle(session, *other) ? Pooling::by_session : Pooling::not_known;
  } catch (const Error&) {
    if (session.transaction_status() == TransactionStatus::unknown) throw;
    return Pooling::not_known;
  }
}

Error pooler_error(Pooling pooling, int given_pid, int answered_pid) {
  return {"pooler",
          pooling == Pooling::by_transaction
              ? "a connection pooler lends our server session to others after each transaction, "
                "where a session lock excludes nobody"
              : "a connection pooler stands between us and the server, where a session lock may "
                "exclude nobody",
          fmt::format("the connection was given server process {}, but {} answered", given_pid,
                      answered_pid),
          "give a direct URL with --database; or --lock=transaction, which locks inside each "
          "migration's own transaction; or, if the pooler keeps one server session a client "
          "(session mode), say --session-pooler"};
}

}  // namespace gauntlet::runner
