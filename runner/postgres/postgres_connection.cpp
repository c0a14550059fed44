// How a connection to PostgreSQL comes to be.
#include "runner/postgres/postgres_connection.h"

#include "runner/postgres/conninfo.h"
#include "runner/postgres/login.h"

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace gauntlet::runner {

namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

// libpq's own words about a string it cannot parse quote pieces of it, perhaps of the password.
void refuse_unparseable(const std::string& conninfo) {
  char* reason = nullptr;
  const Options options(PQconninfoParse(conninfo.c_str(), &reason));
  const std::unique_ptr<char, FreePostgresMemory> freed(reason);
  if (options) return;
  throw Error(
      "connect-failed", "the database URL is neither a PostgreSQL URL nor a keyword string", {},
      "write postgresql://user:password@host:port/database; percent-encode `@ / ? # %` in it");
}

// What stands before `dbname` is a default that the string may override; what follows it is not.
// A server that is gone without a word is noticed: sent bytes that are not acknowledged for 20 s
// end the connection, and so do three unanswered probes, 5 s apart, after 15 s of silence.
LoginParameters parameters_of(const std::string& conninfo, const ConnectOptions& options,
                              const std::string& timeout) {
  return {.keywords = {"fallback_application_name", "connect_timeout", "tcp_user_timeout",
                       "keepalives_idle", "keepalives_interval", "keepalives_count", "dbname",
                       "client_encoding", nullptr},
          .values = {options.application_name.c_str(), timeout.c_str(), "20000", "15", "5", "3",
                     conninfo.c_str(), "UTF8", nullptr}};
}

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

std::string taken(pg_conn* connection, char* quoted) {
  const std::unique_ptr<char, FreePostgresMemory> memory(quoted);
  if (memory) return memory.get();
  throw Error("not-utf8",
              "a name or text could not be quoted: " + one_line(PQerrorMessage(connection)));
}

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

std::optional<std::string> next_notification(pg_conn* connection) {
  const std::unique_ptr<PGnotify, FreePostgresMemory> notice(PQnotifies(connection));
  if (!notice) return std::nullopt;
  return std::string(notice->extra);
}

std::string quoted_literal(pg_conn* connection, std::string_view text) {
  return taken(connection, PQescapeLiteral(connection, text.data(), text.size()));
}

std::string quoted_identifier(pg_conn* connection, std::string_view name) {
  return taken(connection, PQescapeIdentifier(connection, name.data(), name.size()));
}

TransactionStatus transaction_status_of(const pg_conn* connection) {
  switch (PQtransactionStatus(connection)) {
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

std::unique_ptr<Session> open_postgres(const std::string& conninfo, const ConnectOptions& options,
                                       const SqlDialect& dialect) {
  refuse_unparseable(conninfo);
  const std::string timeout = std::to_string(options.connect_timeout.count());
  const std::chrono::milliseconds patience = login_patience(conninfo, options.connect_timeout);
  std::optional<PostgresConnection> made =
      log_in(parameters_of(conninfo, options, timeout), patience);
  if (!made) {
    throw failed(
        fmt::format("no login within {:.3g} s", std::chrono::duration<double>(patience).count()),
        conninfo);
  }
  PostgresConnection connection = *std::move(made);
  if (!connection || PQstatus(connection.get()) != CONNECTION_OK) {
    throw failed(reason_of(connection.get(), conninfo), conninfo);
  }
  return session_over(std::move(connection), dialect);
}

}  // namespace gauntlet::runner
