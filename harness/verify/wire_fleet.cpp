#include "harness/verify/wire_fleet.h"

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

namespace gauntlet::verify {

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

std::vector<fleet::ProcessFleet::Copy> copies_of(const std::vector<const fleet::Subject*>& subjects,
                                                 const arena::Address& database,
                                                 const proxy::Proxy& proxy) {
  std::vector<fleet::ProcessFleet::Copy> copies;
  copies.reserve(subjects.size());
  for (std::size_t replica = 0; replica < subjects.size(); ++replica)
    copies.push_back({*subjects[replica], through(database, proxy.port(replica))});
  return copies;
}

fleet::ProcessFleet::Watcher watcher(gate::Recorder& recorder,
                                     std::function<void(std::size_t replica)> when_ended) {
  return [&recorder, when_ended = std::move(when_ended)](const Event& event) {
    recorder.note(event);
    const bool ended = event.kind == Event::Kind::exited || event.kind == Event::Kind::killed;
    if (ended && when_ended) when_ended(event.replica);
  };
}

void wait_for_the_last_session(const proxy::Proxy& proxy) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock held(mutex);
  const auto deadline = std::chrono::steady_clock::now() + farewell;
  while (proxy.sessions() > 0 && std::chrono::steady_clock::now() < deadline)
    never.wait_for(held, std::chrono::milliseconds(2));
}

}  // namespace

WireFleet::WireFleet(const std::vector<const fleet::Subject*>& subjects,
                     const arena::Database& database, const std::filesystem::path& migrations,
                     gate::AsyncGate& gate, gate::Recorder& recorder, Options options)
    : recorder_(recorder),
      proxy_({database.loopback().host(), database.loopback().port()}, subjects.size(), gate,
             recorder, {.patience = options.held_at_most}),
      running_(proxy_),
      processes_(copies_of(subjects, database.loopback(), proxy_), migrations, options.start,
                 watcher(recorder, std::move(options.when_ended))) {}

void WireFleet::finish_within(std::chrono::milliseconds patience) {
  processes_.finish_within(patience);
  wait_for_the_last_session(proxy_);
  const core::History seen = processes_.history();
  for (std::size_t replica = 0; replica < seen.outputs.size(); ++replica)
    recorder_.output(replica, seen.outputs[replica]);
}

}  // namespace gauntlet::verify
