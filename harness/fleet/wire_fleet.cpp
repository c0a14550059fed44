#include "harness/fleet/wire_fleet.h"

#include "harness/arena/connection.h"
#include "harness/fleet/waits.h"
#include "runner/values/error.h"

#include <string>
#include <utility>

namespace gauntlet::fleet {

namespace {

using core::Event;

/// What the server is given to notice that its last client has gone.
constexpr std::chrono::seconds farewell{10};

/// The same database by way of the proxy, for the programs under test alone.
arena::Address through(const arena::Address& database, int port) {
  return database.without("hostaddr")
      .with("host", "127.0.0.1")
      .with("port", std::to_string(port))
      .with("sslmode", "disable");
}

/// The folder of the server's socket, by which it lets us in without a password; empty: it does
/// not.
std::string socket_folder_of(const arena::Address& database) {
  const std::string folders = arena::Connection(database).ask_one("SHOW unix_socket_directories");
  std::string folder = folders.substr(0, folders.find(','));
  if (!folder.starts_with('/')) return {};
  try {
    arena::Connection(database.with("host", folder).without("hostaddr").without("password"))
        .run("SELECT 1");
    return folder;
  } catch (const runner::Error& error) {
    if (error.code() != "connect-failed") throw;
    return {};
  }
}

/// Where the server lets the proxy in without a password, if that must be.
proxy::Upstream upstream_of(const arena::Database& database, proxy::Options::Pooling pooling) {
  if (pooling == proxy::Options::Pooling::none)
    return {database.loopback().host(), database.loopback().port()};
  const arena::Address& own = database.address();
  if (const std::string folder = socket_folder_of(own); !folder.empty())
    return {folder, own.port()};
  throw runner::Error("no-pool-here",
                      "the proxy lends server sessions only where the server lets it in through "
                      "its socket without a password",
                      own.masked(), "run this with `--database ephemeral`");
}

std::vector<ProcessFleet::Copy> copies_of(const std::vector<const Subject*>& subjects,
                                          const arena::Address& database,
                                          const proxy::Proxy& proxy) {
  std::vector<ProcessFleet::Copy> copies;
  copies.reserve(subjects.size());
  for (std::size_t replica = 0; replica < subjects.size(); ++replica)
    copies.push_back({*subjects[replica], through(database, proxy.port(replica))});
  return copies;
}

ProcessFleet::Watcher watcher(gate::Recorder& recorder,
                              std::function<void(std::size_t replica)> when_ended) {
  return [&recorder, when_ended = std::move(when_ended)](const Event& event) {
    recorder.note(event);
    const bool ended = event.kind == Event::Kind::exited || event.kind == Event::Kind::killed;
    if (ended && when_ended) when_ended(event.replica);
  };
}

}  // namespace

WireFleet::WireFleet(const std::vector<const Subject*>& subjects, const arena::Database& database,
                     const std::filesystem::path& migrations, gate::AsyncGate& gate,
                     gate::Recorder& recorder, Options options)
    : throwaway_(database),
      database_(database.address()),
      replicas_(subjects.size()),
      recorder_(recorder),
      proxy_(upstream_of(database, options.pooling), subjects.size(), gate, recorder,
             {.patience = options.held_at_most,
              .orphan_patience = options.orphan_patience,
              .pooling = options.pooling}),
      running_(proxy_),
      processes_(copies_of(subjects, database.loopback(), proxy_), migrations, options.start,
                 watcher(recorder, std::move(options.when_ended))) {}

/// By which the copies reach the server.
std::set<int> WireFleet::ports() const {
  std::set<int> all = ports_of({throwaway_.loopback()});
  for (std::size_t replica = 0; replica < replicas_; ++replica) all.insert(proxy_.port(replica));
  return all;
}

void WireFleet::finish_within(std::chrono::milliseconds patience,
                              const std::optional<StandstillOptions>& standstill) {
  std::optional<StandstillWatch> watch;
  if (standstill) watch.emplace(throwaway_, ports(), *standstill);
  processes_.finish_within(
      patience, [this] { recorder_.waits(waits_in(database_)); }, watch ? &*watch : nullptr);
  standstill_ = processes_.standstill();
  proxy_.wait_until_empty(farewell);
  const core::History seen = processes_.history();
  for (std::size_t replica = 0; replica < seen.outputs.size(); ++replica)
    recorder_.output(replica, seen.outputs[replica]);
}

core::History run_on_the_wire(const Subject& subject, const arena::Database& database,
                              const std::filesystem::path& migrations, std::size_t replicas,
                              std::chrono::milliseconds patience, ProcessFleet::Start start,
                              const std::optional<StandstillOptions>& standstill) {
  gate::OpenGate open;
  gate::AtOnce gate(open);
  gate::Recorder recorder(replicas);
  std::optional<core::Standstill> stood_still;
  {
    WireFleet fleet(std::vector(replicas, &subject), database, migrations, gate, recorder,
                    {.start = start});
    fleet.processes().release();
    fleet.finish_within(patience, standstill);
    stood_still = fleet.standstill();
  }
  core::History history = recorder.history();
  history.standstill = std::move(stood_still);
  return history;
}

}  // namespace gauntlet::fleet
