#include "runner/postgres/login.h"

#include "runner/values/number.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <poll.h>

namespace gauntlet::runner {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// A name may stand for an IPv6 and an IPv4 address, which are tried one after the other.
constexpr int addresses_of_a_name = 2;
/// libpq rounds a timeout up to whole seconds, two at the least, and a late error is better than a
/// vague one of ours.
constexpr milliseconds grace{1'500};

struct FreeLoginOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using LoginOptions = std::unique_ptr<PQconninfoOption, FreeLoginOptions>;

// What the string says, or else the environment; empty if neither does.
std::string said(const PQconninfoOption* options, std::string_view keyword) {
  for (; options != nullptr && options->keyword != nullptr; ++options) {
    if (options->keyword != keyword) continue;
    const char* value = options->val;
    if (value == nullptr && options->envvar != nullptr) value = std::getenv(options->envvar);
    return value == nullptr ? "" : value;
  }
  return {};
}

bool is_an_address(const std::string& host) {
  if (host.empty() || host.front() == '/' || host.front() == '@') return true;
  in6_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

int addresses_in(const std::string& conninfo) {
  const LoginOptions options(PQconninfoParse(conninfo.c_str(), nullptr));
  const std::string hosts = said(options.get(), "host");
  const std::string numbers = said(options.get(), "hostaddr");
  const std::string& list = numbers.empty() ? hosts : numbers;
  const auto count = static_cast<int>(std::count(list.begin(), list.end(), ',')) + 1;
  const bool may_be_more = !said(options.get(), "service").empty() || count > 1 ||
                           (numbers.empty() && !is_an_address(hosts));
  return may_be_more ? count * addresses_of_a_name : 1;
}

// libpq reads whole seconds, of which 1 means 2; what it cannot read it refuses itself.
seconds timeout_of(const std::string& conninfo, seconds otherwise) {
  const LoginOptions options(PQconninfoParse(conninfo.c_str(), nullptr));
  const char* value = nullptr;
  for (const auto* option = options.get(); option != nullptr && option->keyword != nullptr;
       ++option) {
    if (std::strcmp(option->keyword, "connect_timeout") == 0) value = option->val;
  }
  if (value == nullptr) return otherwise;
  const auto number = number_in<int>(value);
  if (!number) return otherwise;
  return seconds(*number <= 0 ? 0 : std::max(*number, 2));
}

/// A login that libpq does in one call: it alone knows how to go on to the next address. When it
/// does not end in time its thread is left to itself, which ends with the process.
struct LoginThread {
  std::mutex mutex;
  std::condition_variable ended;
  std::optional<PostgresConnection> connection;
};

std::optional<PostgresConnection> log_in_on_a_thread(const LoginParameters& parameters,
                                                     milliseconds patience) {
  // The thread may outlive our caller's strings.
  std::vector<std::pair<std::string, std::string>> copied;
  for (std::size_t i = 0; parameters.keywords[i] != nullptr; ++i) {
    if (parameters.values[i] != nullptr)
      copied.emplace_back(parameters.keywords[i], parameters.values[i]);
  }
  const auto shared = std::make_shared<LoginThread>();
  std::thread([shared, copied = std::move(copied)] {
    LoginParameters own;
    for (const auto& [keyword, value] : copied) {
      own.keywords.push_back(keyword.c_str());
      own.values.push_back(value.c_str());
    }
    own.keywords.push_back(nullptr);
    own.values.push_back(nullptr);
    PostgresConnection made(PQconnectdbParams(own.keywords.data(), own.values.data(), 1));
    const std::scoped_lock lock(shared->mutex);
    shared->connection = std::move(made);
    shared->ended.notify_all();
  }).detach();
  std::unique_lock lock(shared->mutex);
  shared->ended.wait_for(lock, patience, [&] { return shared->connection.has_value(); });
  return std::exchange(shared->connection, std::nullopt);
}

std::optional<PostgresConnection> log_in_here(const LoginParameters& parameters,
                                              milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  PostgresConnection connection(
      PQconnectStartParams(parameters.keywords.data(), parameters.values.data(), 1));
  // Notices of a login are printed by libpq as they come, whatever is in them.
  if (connection)
    PQsetNoticeReceiver(
        connection.get(), [](void*, const PGresult*) {}, nullptr);
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (connection && PQstatus(connection.get()) != CONNECTION_BAD) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (left <= milliseconds::zero()) return std::nullopt;
    const short event = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd polled{PQsocket(connection.get()), event, 0};
    if (poll(&polled, 1, static_cast<int>(left.count())) <= 0) continue;
    state = PQconnectPoll(connection.get());
    if (state == PGRES_POLLING_OK || state == PGRES_POLLING_FAILED) break;
  }
  return connection;
}

std::string conninfo_in(const LoginParameters& parameters) {
  for (std::size_t i = 0; parameters.keywords[i] != nullptr; ++i) {
    if (std::strcmp(parameters.keywords[i], "dbname") == 0) return parameters.values[i];
  }
  return {};
}

}  // namespace

milliseconds login_patience(const std::string& conninfo, seconds otherwise) {
  return timeout_of(conninfo, otherwise) * addresses_in(conninfo);
}

std::optional<PostgresConnection> log_in(const LoginParameters& parameters, milliseconds patience) {
  if (patience <= milliseconds::zero())
    return PostgresConnection(
        PQconnectdbParams(parameters.keywords.data(), parameters.values.data(), 1));
  if (addresses_in(conninfo_in(parameters)) > 1)
    return log_in_on_a_thread(parameters, patience + grace);
  return log_in_here(parameters, patience);
}

}  // namespace gauntlet::runner
