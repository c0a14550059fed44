// How a connection to PostgreSQL comes to be.
#include "runner/postgres/postgres_connection.h"

#include "runner/postgres/connecting.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

namespace gauntlet::runner {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

// libpq's own words about a string it cannot parse quote pieces of it, perhaps of the password.
Options parsed(const std::string& conninfo) {
  char* reason = nullptr;
  Options options(PQconninfoParse(conninfo.c_str(), &reason));
  const std::unique_ptr<char, FreePostgresMemory> freed(reason);
  if (options) return options;
  throw Error(
      "connect-failed", "the database URL is neither a PostgreSQL URL nor a keyword string", {},
      "write postgresql://user:password@host:port/database; percent-encode `@ / ? # %` in it");
}

const PQconninfoOption* option_of(const PQconninfoOption* options, std::string_view keyword) {
  while (options->keyword != nullptr && options->keyword != keyword) ++options;
  return options;
}

// What the string says or else the environment; empty if neither does.
std::string value_of(const PQconninfoOption* options, std::string_view keyword) {
  const PQconninfoOption* option = option_of(options, keyword);
  const char* value = option->val;
  if (value == nullptr && option->envvar != nullptr) value = std::getenv(option->envvar);
  return value == nullptr ? "" : value;
}

bool is_numeric(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

// A socket's folder, or a number. A name may stand for several, and so may a service's file.
bool has_one_address(const PQconninfoOption* options) {
  if (!value_of(options, "service").empty()) return false;
  const std::string host = value_of(options, "host");
  const std::string number = value_of(options, "hostaddr");
  if (host.find(',') != std::string::npos || number.find(',') != std::string::npos) return false;
  return host.empty() || host.front() == '/' || host.front() == '@' || !number.empty() ||
         is_numeric(host);
}

// What stands before `dbname` is a default that the string may override; what follows it is not.
struct Parameters {
  Parameters(const std::string& conninfo, const ConnectOptions& options)
      : timeout(std::to_string(options.connect_timeout.count())),
        values{options.application_name.c_str(), timeout.c_str(), conninfo.c_str(), "UTF8",
               nullptr} {}

  std::string timeout;
  std::array<const char*, 5> keywords{"fallback_application_name", "connect_timeout", "dbname",
                                      "client_encoding", nullptr};
  std::array<const char*, 5> values;
};

// A password that should have been percent-encoded is taken apart by libpq, whose words then quote
// it.
bool password_was_taken_apart(PGconn* connection, const std::string& conninfo) {
  const auto holds_at = [](const char* part) {
    return part != nullptr && std::string_view(part).find('@') != std::string_view::npos;
  };
  const std::string_view password = PQpass(connection) == nullptr ? "" : PQpass(connection);
  return holds_at(PQhost(connection)) || holds_at(PQport(connection)) ||
         holds_at(PQdb(connection)) || (password.empty() && mask_password(conninfo) != conninfo);
}

std::string reason_of(PGconn* connection, const std::string& conninfo) {
  if (connection == nullptr) return "out of memory";
  if (password_was_taken_apart(connection, conninfo)) {
    return "the password in the URL must have its `@ / ? # %` percent-encoded";
  }
  return one_line(PQerrorMessage(connection));
}

Error failed(const std::string& reason, const std::string& conninfo) {
  return {"connect-failed", "could not connect: " + reason, mask_password(conninfo),
          "check that the server runs, and host, port, user and password"};
}

std::unique_ptr<Session> session_of(PostgresConnection connection, const std::string& conninfo) {
  if (!connection || PQstatus(connection.get()) != CONNECTION_OK) {
    throw failed(reason_of(connection.get(), conninfo), conninfo);
  }
  return session_over(std::move(connection));
}

// How long one address may take: what the string says, as libpq understands it (whole seconds, two
// at the least; 0 and less for ever).
struct Limit {
  std::optional<milliseconds> told = {};  ///< nullopt if the string does not say
  bool is_understood = true;              ///< else libpq says what is wrong with it
};

Limit limit_of(const PQconninfoOption* options) {
  const char* value = option_of(options, "connect_timeout")->val;
  if (value == nullptr) return {};
  const std::string_view text(value);
  int number = 0;
  const auto read = std::from_chars(text.begin(), text.end(), number);
  if (read.ec != std::errc{} || read.ptr != text.end()) return {.is_understood = false};
  return {.told = seconds(number <= 0 ? 0 : std::max(number, 2))};
}

class ConnectingPostgres final : public Connecting {
 public:
  ConnectingPostgres(std::string conninfo, const ConnectOptions& options,
                     std::optional<milliseconds> limit)
      : conninfo_(std::move(conninfo)), limit_(limit) {
    const Parameters parameters(conninfo_, options);
    connection_.reset(
        PQconnectStartParams(parameters.keywords.data(), parameters.values.data(), 1));
    while (!is_over() && is_ready(milliseconds::zero())) go_on();
  }

  std::unique_ptr<Session> wait(milliseconds patience) override {
    const milliseconds limit = limit_.value_or(patience);
    const bool for_ever = limit <= milliseconds::zero();
    while (!is_over()) {
      const auto left = std::chrono::ceil<milliseconds>(begin_ + limit - steady_clock::now());
      if (!for_ever && left <= milliseconds::zero()) {
        throw failed(fmt::format("no answer from {} within {:.3g} s", PQhost(connection_.get()),
                                 std::chrono::duration<double>(limit).count()),
                     conninfo_);
      }
      if (is_ready(for_ever ? milliseconds(-1) : left)) go_on();
    }
    return session_of(std::move(connection_), conninfo_);
  }

 private:
  bool is_over() const {
    return !connection_ || PQstatus(connection_.get()) == CONNECTION_BAD ||
           state_ == PGRES_POLLING_OK || state_ == PGRES_POLLING_FAILED;
  }
  bool is_ready(milliseconds patience) const {
    const short event = state_ == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd polled{PQsocket(connection_.get()), event, 0};
    const auto a_while = std::min(patience, milliseconds(60'000));
    return poll(&polled, 1, static_cast<int>(a_while.count())) > 0;
  }
  void go_on() { state_ = PQconnectPoll(connection_.get()); }

  std::string conninfo_;
  std::optional<milliseconds> limit_;
  steady_clock::time_point begin_ = steady_clock::now();
  PostgresConnection connection_;
  PostgresPollingStatusType state_ = PGRES_POLLING_WRITING;
};

}  // namespace

void ClosePostgres::operator()(pg_conn* connection) const { PQfinish(connection); }

void FreePostgresMemory::operator()(void* memory) const { PQfreemem(memory); }

std::string one_line(const char* text) {
  std::string line;
  for (const char character : std::string_view(text)) {
    if (character != '\n') {
      line += character;
    } else if (!line.empty() && !line.ends_with("; ")) {
      line += "; ";
    }
  }
  while (line.ends_with(' ') || line.ends_with(';')) line.pop_back();
  return line;
}

std::unique_ptr<Connecting> begin_to_connect(const std::string& conninfo,
                                             const ConnectOptions& options) {
  const Options said = parsed(conninfo);
  const Limit limit = limit_of(said.get());
  if (!has_one_address(said.get()) || !limit.is_understood) return nullptr;
  return std::make_unique<ConnectingPostgres>(conninfo, options, limit.told);
}

std::unique_ptr<Session> connect_postgres(const std::string& conninfo,
                                          const ConnectOptions& options) {
  parsed(conninfo);  // or it is refused
  const Parameters parameters(conninfo, options);
  return session_of(PostgresConnection(
                        PQconnectdbParams(parameters.keywords.data(), parameters.values.data(), 1)),
                    conninfo);
}

}  // namespace gauntlet::runner
