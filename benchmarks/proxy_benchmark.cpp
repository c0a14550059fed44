// What the wire door costs when its gate is open: beside a connection that does without it.
#include "benchmarks/ground.h"
#include "benchmarks/rounds.h"
#include "harness/fleet/fleet.h"
#include "harness/gate/recorder.h"
#include "harness/proxy/proxy_thread.h"
#include "runner/values/error.h"

#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <malloc.h>
#include <unistd.h>

namespace gauntlet::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

using Handle = std::unique_ptr<PGconn, void (*)(PGconn*)>;

Handle connect(const arena::Address& address) {
  Handle handle(PQconnectdb(address.conninfo().c_str()), PQfinish);
  if (PQstatus(handle.get()) != CONNECTION_OK)
    throw runner::Error("connect-failed", PQerrorMessage(handle.get()));
  return handle;
}

void ask(PGconn* connection, const char* sql, ExecStatusType wanted = PGRES_TUPLES_OK) {
  PGresult* result = PQexec(connection, sql);
  const bool ok = PQresultStatus(result) == wanted;
  PQclear(result);
  if (!ok) throw runner::Error("program-failed", PQerrorMessage(connection));
}

/// A server, and a proxy in front of it, both on unix sockets. The history of what is asked is
/// thrown away with it.
struct Doors {
  Ground ground;
  arena::Address direct = ground.server().local();
  fleet::WorkFolder folder;
  gate::OpenGate open;
  gate::AtOnce gate{open};
  gate::Recorder recorder{1};
  proxy::Proxy proxy{
      {direct.host(), direct.port()}, 1, gate, recorder, {.socket_folder = folder.path()}};
  proxy::ProxyThread running{proxy};
  arena::Address through =
      direct.with("host", folder.path()).with("port", std::to_string(proxy.port(0)));

  static double each(const arena::Address& address, int statements) {
    const Handle handle = connect(address);
    ask(handle.get(), "SELECT 1");
    const auto start = Clock::now();
    for (int i = 0; i < statements; ++i) ask(handle.get(), "SELECT 1");
    return microseconds_since(start) / statements;
  }

  /// Microseconds a statement, all clients together.
  static double together(const arena::Address& address, int clients, int statements) {
    std::vector<Handle> handles;
    handles.reserve(static_cast<std::size_t>(clients));
    for (int i = 0; i < clients; ++i) handles.push_back(connect(address));
    std::vector<std::thread> threads;
    threads.reserve(handles.size());
    const auto start = Clock::now();
    for (const Handle& handle : handles)
      threads.emplace_back([&, connection = handle.get()] {
        for (int i = 0; i < statements; ++i) ask(connection, "SELECT 1");
      });
    for (std::thread& thread : threads) thread.join();
    return microseconds_since(start) / (clients * statements);
  }
};

Comparison latency(const Scale& scale) {
  const auto doors = std::make_shared<Doors>();
  const int statements = scale.of(3'000, 3'000, 50);
  const auto direct = [=] { return Doors::each(doors->direct, statements); };
  return {.title = "what a statement pays for passing an open gate",
          .ours = {"added by the proxy",
                   [=] {
                     const double beside = direct();
                     return Doors::each(doors->through, statements) - beside;
                   }},
          .floors = {{.timed = {"the statement itself, direct", direct}}},
          .goal = 15,
          .unit = "us"};
}

Comparison throughput(const Scale& scale) {
  const auto doors = std::make_shared<Doors>();
  const int statements = scale.of(4'000, 4'000, 50);
  constexpr int clients = 4;
  return {
      .title = "a statement's share of the time, with the proxy's one thread busy",
      .ours = {"4 clients through the proxy",
               [=] { return Doors::together(doors->through, clients, statements); }},
      .floors = {{.timed = {"4 clients, direct",
                            [=] { return Doors::together(doors->direct, clients, statements); }}}},
      .goal = 40,  // 25,000 a second
      .unit = "us"};
}

double resident_kb() {
  long pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024.0;
}

/// What a connection adds to this process: libpq's own part is subtracted. What earlier ones left
/// in the heap is given back first, or it would be used again and seem to cost nothing.
double resident_by(const arena::Address& address, int clients, int statements) {
  malloc_trim(0);
  const double before = resident_kb();
  std::vector<Handle> handles;
  handles.reserve(static_cast<std::size_t>(clients));
  for (int i = 0; i < clients; ++i) handles.push_back(connect(address));
  for (int i = 0; i < statements; ++i)
    for (const Handle& handle : handles) ask(handle.get(), "SELECT repeat('x', 100000)");
  return (resident_kb() - before) / clients;
}

Comparison memory(const Scale& scale) {
  const auto doors = std::make_shared<Doors>();
  const int clients = scale.of(64, 64, 4);
  const int statements = scale.of(20, 20, 2);
  const auto in_client = [=] { return resident_by(doors->direct, clients, statements); };
  return {.title = "memory of a connection after 2 MB of results",
          .ours = {"a connection in the proxy",
                   [=] {
                     const double beside = in_client();
                     return resident_by(doors->through, clients, statements) - beside;
                   }},
          .floors = {{.timed = {"in its client", in_client}}},
          .goal = 1'024,
          .unit = "kB"};
}

const Thing added("proxy_latency", latency);
const Thing rate("proxy_rate", throughput);
const Thing resident("proxy_memory", memory);

}  // namespace
}  // namespace gauntlet::benchmarks
