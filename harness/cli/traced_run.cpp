#include "harness/cli/traced_run.h"

#include "harness/gate/async_gate.h"
#include "harness/gate/recorder.h"
#include "harness/proxy/proxy_thread.h"

#include <condition_variable>
#include <mutex>

namespace gauntlet::cli {
namespace {

using core::Event;

/// What the server is given to notice that its last client has gone.
constexpr std::chrono::seconds farewell{10};

/// The same database, reached through the proxy by the program under test alone.
class ThroughProxy : public arena::Database {
 public:
  ThroughProxy(const arena::Database& database, int port)
      : database_(database),
        address_(database.loopback()
                     .without("hostaddr")
                     .with("host", "127.0.0.1")
                     .with("port", std::to_string(port))
                     .with("sslmode", "disable")) {}

  const arena::Address& address() const override { return database_.address(); }
  const arena::Address& loopback() const override { return address_; }
  const arena::Address& maintenance() const override { return database_.maintenance(); }
  std::string keep() override { return {}; }

 private:
  const arena::Database& database_;
  arena::Address address_;
};

void wait_for_the_last_session(const proxy::Proxy& proxy) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock held(mutex);
  const auto deadline = std::chrono::steady_clock::now() + farewell;
  while (proxy.sessions() > 0 && std::chrono::steady_clock::now() < deadline)
    never.wait_for(held, std::chrono::milliseconds(2));
}

}  // namespace

core::History traced_run(const fleet::Subject& subject, const arena::Database& database,
                         const std::filesystem::path& migrations,
                         std::chrono::milliseconds patience) {
  gate::OpenGate open;
  gate::AtOnce gate(open);
  gate::Recorder recorder(1);
  proxy::Proxy proxy({database.loopback().host(), database.loopback().port()}, 1, gate, recorder);
  {
    const proxy::ProxyThread running(proxy);
    recorder.note({.kind = Event::Kind::started});
    recorder.note({.kind = Event::Kind::released});
    const core::History seen =
        fleet::run_once(subject, ThroughProxy(database, proxy.port(0)), migrations, patience);
    if (const Event* exit = seen.exit_of(0); exit != nullptr)
      recorder.note({.kind = exit->kind, .exit_code = exit->exit_code, .signal = exit->signal});
    recorder.output(0, seen.outputs.at(0));
    wait_for_the_last_session(proxy);
  }
  return recorder.history();
}

}  // namespace gauntlet::cli
