// A small service over a SQLite file: its migrations are compiled in, some as SQL and one as code;
// it applies them when it starts, and only then does it listen. A staged build is asked with
// --check-migrations whether it may take the file over.

#include "runner/add_column.h"
#include "runner/apply.h"
#include "runner/connect.h"
#include "runner/inspect.h"
#include "runner/read_only.h"
#include "runner/source/embedded.h"
#include "runner/source/source.h"
#include "scenarios/service/listener.h"
#include "store_migrations.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <variant>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace gauntlet::store {
namespace {

struct Options {
  std::string host = "127.0.0.1";
  int port = 0;
  std::string database;
  bool check_migrations = false, migrate_only = false;
};

/// A database may have the column already: releases before the migrations added it by hand.
void add_item_currency(runner::Session& session) {
  runner::add_column_if_missing(session, "items", "currency", "text NOT NULL DEFAULT 'EUR'");
}

/// The files and the code, in one ordered list.
runner::Listing migrations() {
  return runner::combine(
      {runner::read_embedded(store_migrations()),
       runner::list_code({{.version = {3}, .name = "item_currency", .up = add_item_currency}})});
}

void log_progress(const runner::Event& event) {
  if (const auto* finished = std::get_if<runner::MigrationFinished>(&event))
    fmt::print(stderr, "store-service: migration {} ({}) applied\n", finished->version.number,
               finished->name);
  if (const auto* warned = std::get_if<runner::Warned>(&event))
    fmt::print(stderr, "store-service: {}\n", warned->text);
}

int migrate(const Options& options) {
  const auto sessions = runner::sessions_of(options.database);
  runner::up(*sessions, migrations(), {}, log_progress);
  return 0;
}

int check_migrations(const Options& options) {
  const runner::Check check = runner::check(options.database, migrations());
  fmt::print("{}\n", check.line);
  if (!check.error.empty()) fmt::print(stderr, "{}\n", check.error);
  return check.exit_code;
}

/// Readable once SIGTERM or SIGINT has come; both are blocked from now on.
int stop_descriptor() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const int fd = signalfd(-1, &signals, SFD_CLOEXEC);
  if (fd < 0) throw runner::Error("no-descriptor", "the system gives no more file descriptors");
  return fd;
}

std::string stock_as_json(const std::string& database) {
  const auto session = runner::connect(database);
  std::string items;
  for (const auto& row :
       session->query("SELECT json_object('item', name, 'pieces', pieces) FROM stock_levels").rows)
    items += (items.empty() ? "" : ",") + row.front().value_or("null");
  return "[" + items + "]";
}

int serve(const Options& options) {
  const int stop_fd = stop_descriptor();
  migrate(options);
  httplib::Server server;
  server.Get("/healthz", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("ok\n", "text/plain");
  });
  server.Get("/stock", [&](const httplib::Request&, httplib::Response& response) {
    response.set_content(stock_as_json(options.database), "application/json");
  });
  const orders::Listener listener(server, options.host, options.port);
  fmt::print(stderr, "store-service: listening at {}:{}\n", options.host, listener.port());
  pollfd waited[] = {{.fd = stop_fd, .events = POLLIN, .revents = 0},
                     {.fd = listener.ended_fd(), .events = POLLIN, .revents = 0}};
  poll(waited, 2, -1);
  return 0;
}

int run(const Options& options) {
  if (options.check_migrations) return check_migrations(options);
  return options.migrate_only ? migrate(options) : serve(options);
}

}  // namespace
}  // namespace gauntlet::store

int main(int argc, char** argv) {
  gauntlet::store::Options options;
  CLI::App app{"store-service: applies its own migrations, then serves the stock over HTTP"};
  app.add_option("--host", options.host, "address to listen at")->capture_default_str();
  app.add_option("--port", options.port, "port to listen at; 0 takes a free one")
      ->envname("PORT")
      ->check(CLI::Range(0, 65535));
  app.add_option("--database", options.database, "sqlite:PATH")
      ->envname("DATABASE_URL")
      ->required();
  app.add_flag("--check-migrations", options.check_migrations,
               "say whether the file fits this build's migrations, and end: 0 compatible, "
               "1 migrations needed, 2 incompatible, 3 could not tell");
  app.add_flag("--migrate-only", options.migrate_only, "apply the migrations, and end");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 64;
  }
  try {
    return gauntlet::store::run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
