#include "runner/values/session.h"

#include "runner/apply.h"
#include "runner/postgres/connecting.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

Error in_the_servers_words(const ServerMessage& said, std::string where, std::string fix) {
  const bool lost = said.sqlstate.empty() && said.sqlite_code.empty();
  std::string code = lost ? "connection-lost" : "statement-failed";
  return {std::move(code), to_string(said), std::move(where), std::move(fix)};
}

class ConnectingSource final : public SessionSource {
 public:
  ConnectingSource(std::string conninfo, ConnectOptions options)
      : conninfo_(std::move(conninfo)), options_(std::move(options)) {
    if (options_.begin == ConnectOptions::Begin::at_once &&
        engine_of(conninfo_) == Engine::postgres) {
      begun_ = begin_to_connect(conninfo_, options_);
    }
  }

  std::unique_ptr<Session> acquire(std::chrono::milliseconds patience) override {
    ConnectOptions options = options_;
    const auto limit = std::chrono::ceil<std::chrono::seconds>(patience);
    if (limit.count() > 0) options.connect_timeout = std::min(options.connect_timeout, limit);
    if (const auto begun = take_begun()) return begun->wait(options.connect_timeout);
    return connect(conninfo_, options);
  }

 private:
  std::unique_ptr<Connecting> take_begun() {
    const std::lock_guard lock(mutex_);
    return std::exchange(begun_, nullptr);
  }

  std::string conninfo_;
  ConnectOptions options_;
  std::mutex mutex_;
  std::unique_ptr<Connecting> begun_;
};

}  // namespace

std::string to_string(const ServerMessage& said) {
  std::string text = said.message + said.code_text();
  if (!said.detail.empty()) text += "\n  detail: " + said.detail;
  if (!said.hint.empty()) text += "\n  hint: " + said.hint;
  if (!said.context.empty()) text += "\n  context: " + said.context;
  return text;
}

std::string ServerMessage::code_text() const {
  if (!sqlstate.empty()) return fmt::format(" (SQLSTATE {})", sqlstate);
  return sqlite_code.empty() ? "" : fmt::format(" ({})", sqlite_code);
}

SqlError::SqlError(ServerMessage said, std::size_t statements_completed, std::string where,
                   std::string fix)
    : Error(in_the_servers_words(said, std::move(where), std::move(fix))),
      said_(std::move(said)),
      statements_completed_(statements_completed) {}

SqlError::SqlError(const Error& told, ServerMessage said, std::size_t statements_completed)
    : Error(told), said_(std::move(said)), statements_completed_(statements_completed) {}

Engine engine_of(std::string_view database) {
  return database.starts_with("sqlite:") ? Engine::sqlite : Engine::postgres;
}

std::unique_ptr<Session> connect(const std::string& database, const ConnectOptions& options) {
  return engine_of(database) == Engine::sqlite ? connect_sqlite(database, options)
                                               : connect_postgres(database, options);
}

std::unique_ptr<SessionSource> sessions_of(std::string conninfo, ConnectOptions options) {
  return std::make_unique<ConnectingSource>(std::move(conninfo), std::move(options));
}

}  // namespace gauntlet::runner
