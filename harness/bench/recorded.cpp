#include "harness/bench/recorded.h"

#include "harness/gate/async_gate.h"
#include "harness/gate/recorder.h"
#include "harness/proxy/proxy_thread.h"

#include <vector>

namespace gauntlet::bench {

namespace {

using core::Event;

constexpr std::chrono::seconds kill_patience{5};

void collect(std::vector<process::Process>& copies, std::chrono::steady_clock::time_point deadline,
             gate::Recorder& recorder) {
  for (std::size_t running = copies.size(); running > 0;) {
    const auto ended = process::wait_any(copies, deadline);
    for (const std::size_t replica : ended) {
      const process::Exit exit = copies[replica].exit().value_or(process::Exit{});
      recorder.note({.kind = Event::Kind::exited,
                     .replica = replica,
                     .exit_code = exit.code,
                     .signal = exit.signal});
    }
    running -= ended.size();
    if (ended.empty() && std::chrono::steady_clock::now() >= deadline) return;
  }
}

}  // namespace

core::History recorded(const arena::Database& database, std::size_t replicas,
                       const std::function<process::Command(const arena::Address&)>& command,
                       std::chrono::milliseconds patience) {
  gate::OpenGate open;
  gate::AtOnce gate(open);
  gate::Recorder recorder(replicas);
  const arena::Address& there = database.loopback();
  proxy::Proxy proxy({.host = there.host(), .port = there.port()}, replicas, gate, recorder);
  {
    const proxy::ProxyThread running(proxy);
    std::vector<process::Process> copies;
    for (std::size_t replica = 0; replica < replicas; ++replica) {
      process::Command copy = command(there.without("hostaddr")
                                          .with("host", "127.0.0.1")
                                          .with("port", std::to_string(proxy.port(replica)))
                                          .with("sslmode", "disable"));
      copy.held = true;
      copies.push_back(process::Process::start(copy));
      recorder.note({.kind = Event::Kind::started, .replica = replica});
    }
    for (std::size_t replica = 0; replica < replicas; ++replica) {
      copies[replica].release();
      recorder.note({.kind = Event::Kind::released, .replica = replica});
    }
    collect(copies, std::chrono::steady_clock::now() + patience, recorder);
    for (process::Process& copy : copies) {
      if (copy.exit()) continue;
      copy.kill_group();
      copy.wait_for(kill_patience);
    }
  }
  return recorder.history();
}

}  // namespace gauntlet::bench
