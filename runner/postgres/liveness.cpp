#include "runner/postgres/liveness.h"

#include "runner/postgres/postgres_connection.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

namespace gauntlet::runner {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct ClearLivenessResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
struct FreeLivenessOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// What the first connection was made with, but to the one address that it reached.
class SecondConnection {
 public:
  explicit SecondConnection(pg_conn* first) : options_(PQconninfo(first)) {
    const char* address = PQhostaddr(first);
    for (auto* option = options_.get(); option != nullptr && option->keyword != nullptr; ++option) {
      const std::string_view name = option->keyword;
      const bool is_ours = name == "host" || name == "hostaddr" || name == "port" ||
                           name == "application_name" || name == "target_session_attrs";
      if (option->val != nullptr && *option->val != '\0' && !is_ours)
        add(option->keyword, option->val);
    }
    add("host", PQhost(first));
    if (address != nullptr && *address != '\0') add("hostaddr", address);
    add("port", PQport(first));
    add("application_name", "gauntlet-liveness");
    keywords_.push_back(nullptr);
    values_.push_back(nullptr);
    connection_.reset(PQconnectStartParams(keywords_.data(), values_.data(), 0));
    if (connection_)
      PQsetNoticeReceiver(
          connection_.get(), [](void*, const PGresult*) {}, nullptr);
  }

  PGconn* get() const { return connection_.get(); }

 private:
  void add(const char* keyword, const char* value) {
    keywords_.push_back(keyword);
    values_.push_back(value);
  }

  std::unique_ptr<PQconninfoOption, FreeLivenessOptions> options_;
  std::vector<const char*> keywords_, values_;
  PostgresConnection connection_;
};

class LivenessCheck {
 public:
  LivenessCheck(pg_conn* silent, milliseconds patience, int interrupt_fd)
      : pid_(PQbackendPID(silent)),
        deadline_(steady_clock::now() + patience),
        interrupt_fd_(interrupt_fd),
        second_(silent) {}

  Liveness run() {
    if (second_.get() == nullptr) return Liveness::working;  // out of memory: not the server
    if (!connect()) return interrupted_ ? Liveness::interrupted : judge_refusal();
    if (!ask()) return interrupted_ ? Liveness::interrupted : Liveness::failed;
    return judge_reply();
  }

 private:
  bool connect() {
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (PQstatus(second_.get()) != CONNECTION_BAD) {
      if (!await(state == PGRES_POLLING_READING ? POLLIN : POLLOUT)) return false;
      state = PQconnectPoll(second_.get());
      if (state == PGRES_POLLING_OK) return true;
      if (state == PGRES_POLLING_FAILED) return false;
    }
    return false;
  }

  // Behind a pooler the process that we were given is not the one that works for us: then nothing
  // but the answer itself counts.
  bool ask() {
    const std::string query = fmt::format(
        "SELECT (pg_catalog.pg_backend_pid() = {})::text, COALESCE((SELECT "
        "COALESCE(state, 'hidden') FROM pg_catalog.pg_stat_activity WHERE pid = {}), 'gone')",
        PQbackendPID(second_.get()), pid_);
    if (PQsendQuery(second_.get(), query.c_str()) == 0) return false;
    while (PQisBusy(second_.get()) != 0) {
      if (!await(POLLIN) || PQconsumeInput(second_.get()) == 0) return false;
    }
    reply_.reset(PQgetResult(second_.get()));
    return true;
  }

  Liveness judge_reply() const {
    if (PQresultStatus(reply_.get()) == PGRES_FATAL_ERROR) return Liveness::working;
    const bool is_shaped = PQresultStatus(reply_.get()) == PGRES_TUPLES_OK &&
                           PQntuples(reply_.get()) == 1 && PQnfields(reply_.get()) == 2;
    if (!is_shaped) return Liveness::failed;
    const bool is_direct = std::string_view(PQgetvalue(reply_.get(), 0, 0)) == "true";
    const std::string_view state = PQgetvalue(reply_.get(), 0, 1);
    const bool has_stopped = state == "gone" || state.starts_with("idle");
    return is_direct && has_stopped ? Liveness::failed : Liveness::working;
  }

  // Only what the server itself said is an answer, and what this machine lacks is no sign of it.
  Liveness judge_refusal() const {
    const std::string_view reason = PQerrorMessage(second_.get());
    const bool is_said = reason.find("FATAL") != std::string_view::npos;
    const bool is_ours = reason.find("could not create socket") != std::string_view::npos;
    return is_said || is_ours ? Liveness::working : Liveness::failed;
  }

  bool await(short events) {
    const auto left = std::chrono::ceil<milliseconds>(deadline_ - steady_clock::now());
    if (left <= milliseconds::zero()) return false;
    std::array<pollfd, 2> polled{pollfd{PQsocket(second_.get()), events, 0},
                                 pollfd{interrupt_fd_, POLLIN, 0}};
    const int ready = poll(polled.data(), polled.size(), static_cast<int>(left.count()));
    interrupted_ = ready > 0 && polled[1].revents != 0;
    return ready != 0 && !interrupted_;
  }

  int pid_;
  steady_clock::time_point deadline_;
  int interrupt_fd_;
  bool interrupted_ = false;
  SecondConnection second_;
  std::unique_ptr<PGresult, ClearLivenessResult> reply_;
};

}  // namespace

Liveness check_liveness(pg_conn* silent, milliseconds patience, int interrupt_fd) {
  return LivenessCheck(silent, patience, interrupt_fd).run();
}

}  // namespace gauntlet::runner
