// A small service as teams write it: its migrations are compiled in, it applies them when it
// starts, and only then does it listen. `--flaw` makes it one of the services that a boot check
// must catch.

#include "orders_migrations.h"
#include "runner/apply.h"
#include "runner/connect.h"
#include "runner/inspect.h"
#include "runner/read_only.h"
#include "runner/source/embedded.h"
#include "scenarios/service/listener.h"
#include "scenarios/service/orders_api.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace gauntlet::orders {
namespace {

enum class Flaw { none, never_ready, exits, binds_before_migrating, ignores_sigterm };

struct Options {
  std::string host = "127.0.0.1";
  int port = 0;
  std::string database;
  Flaw flaw = Flaw::none;
  bool check_migrations = false;
};

constexpr int exit_of_flaw = 3;
/// How long the early listener lets the world believe that it is ready.
constexpr std::chrono::milliseconds early_listener_pause{2'000};

int signal_descriptor(Flaw flaw) {
  sigset_t blocked, read;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGINT);
  // Blocked before any thread starts, so that no thread takes one; what is not read here is
  // ignored.
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  read = blocked;
  if (flaw == Flaw::ignores_sigterm) sigdelset(&read, SIGTERM);
  const int fd = signalfd(-1, &read, SFD_CLOEXEC);
  if (fd < 0) throw runner::Error("no-descriptor", "the system gives no more file descriptors");
  return fd;
}

enum class Woken { by_stop, by_event, by_time };

/// Waits for a signal to stop, for `event_fd`, or until `patience` is over (-1: as long as it
/// takes).
Woken wait_for(int stop_fd, int event_fd, std::chrono::milliseconds patience) {
  pollfd waited[] = {{.fd = stop_fd, .events = POLLIN, .revents = 0},
                     {.fd = event_fd, .events = POLLIN, .revents = 0}};
  int ready = 0;
  do ready = poll(waited, 2, static_cast<int>(patience.count()));
  while (ready < 0 && errno == EINTR);
  if (ready <= 0) return Woken::by_time;
  return waited[0].revents != 0 ? Woken::by_stop : Woken::by_event;
}

void log_progress(const runner::Event& event) {
  if (const auto* finished = std::get_if<runner::MigrationFinished>(&event))
    fmt::print(stderr, "orders-service: migration {} ({}) applied in {} ms\n",
               finished->version.number, finished->name, finished->took.count() / 1000);
  if (const auto* waiting = std::get_if<runner::Waiting>(&event))
    fmt::print(stderr, "orders-service: waiting for {}\n", waiting->holder);
  if (const auto* warned = std::get_if<runner::Warned>(&event))
    fmt::print(stderr, "orders-service: {}\n", warned->text);
  if (const auto* finished = std::get_if<runner::RunFinished>(&event))
    fmt::print(stderr, "orders-service: {} migrations applied\n", finished->applied);
}

void migrate(const Options& options, int stop_fd) {
  const auto sessions =
      runner::sessions_of(options.database, {.application_name = "orders-service"});
  runner::RunOptions up;
  up.interrupt_fd = stop_fd;
  runner::up(*sessions, runner::read_embedded(orders_migrations()), up, log_progress);
}

/// Says whether this build may take the database over, before it does: see runner::check().
int check_migrations(const Options& options) {
  const runner::Check check =
      runner::check(options.database, runner::read_embedded(orders_migrations()));
  fmt::print("{}\n", check.line);
  if (!check.error.empty()) fmt::print(stderr, "{}\n", check.error);
  return check.exit_code;
}

int serve(const Options& options) {
  const int stop_fd = signal_descriptor(options.flaw);
  const Signal answered;
  httplib::Server server;
  serve_orders(server, options.database,
               options.flaw == Flaw::never_ready ? Health::never_well : Health::ok);
  server.set_logger([&](const httplib::Request& request, const httplib::Response& response) {
    fmt::print(stderr, "orders-service: {} {} {}\n", request.method, request.path, response.status);
    answered.raise();
  });
  std::unique_ptr<Listener> listener;
  const auto listen = [&] {
    listener = std::make_unique<Listener>(server, options.host, options.port);
    fmt::print(stderr, "orders-service: listening at {}:{}\n", options.host, listener->port());
  };
  if (options.flaw == Flaw::binds_before_migrating) {
    listen();
    const std::chrono::milliseconds for_ever{-1};
    if (wait_for(stop_fd, answered.fd(), for_ever) == Woken::by_stop) return 0;
    if (wait_for(stop_fd, -1, early_listener_pause) == Woken::by_stop) return 0;
  }
  migrate(options, stop_fd);
  if (options.flaw == Flaw::exits) return exit_of_flaw;
  if (!listener) listen();
  wait_for(stop_fd, listener->ended_fd(), std::chrono::milliseconds(-1));
  fmt::print(stderr, "orders-service: stopping\n");
  return 0;
}

}  // namespace
}  // namespace gauntlet::orders

int main(int argc, char** argv) {
  using gauntlet::orders::Flaw;
  const std::map<std::string, Flaw> flaws = {
      {"never-ready", Flaw::never_ready},
      {"exits", Flaw::exits},
      {"binds-before-migrating", Flaw::binds_before_migrating},
      {"ignores-sigterm", Flaw::ignores_sigterm}};
  gauntlet::orders::Options options;
  std::string flaw;
  CLI::App app{"orders-service: applies its own migrations, then serves orders over HTTP"};
  app.add_option("--host", options.host, "address to listen at")->capture_default_str();
  app.add_option("--port", options.port, "port to listen at; 0 takes a free one")
      ->envname("PORT")
      ->check(CLI::Range(0, 65535));
  app.add_option("--database", options.database, "postgresql:// URL")
      ->envname("DATABASE_URL")
      ->required();
  app.add_flag("--check-migrations", options.check_migrations,
               "say whether the database fits this build's migrations, and end: 0 compatible, "
               "1 migrations needed, 2 incompatible, 3 could not tell");
  app.add_option("--flaw", flaw, "be broken in this way, for tests of boot checks")
      ->check(CLI::IsMember(flaws));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 64;
  }
  try {
    if (!flaw.empty()) options.flaw = flaws.at(flaw);
    return options.check_migrations ? gauntlet::orders::check_migrations(options)
                                    : gauntlet::orders::serve(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
