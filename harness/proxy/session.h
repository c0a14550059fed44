// One connection of a client and the one to the server that stands for it: bytes in, steps to the
// gate, bytes out. A state machine: the loop tells it what happened, and it never waits.
// Belongs to the loop's thread.
#pragma once

#include "harness/gate/async_gate.h"
#include "harness/gate/recorder.h"
#include "harness/proxy/backend_pool.h"
#include "harness/proxy/options.h"
#include "harness/proxy/peer.h"
#include "harness/proxy/socket.h"
#include "harness/wire/client_stream.h"
#include "harness/wire/server_stream.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::proxy {

using Clock = std::chrono::steady_clock;

/// A ticket tells the session and the step, the latter by these bits.
inline constexpr std::uint64_t ticket_bits = 0xFFFFFU;
constexpr std::uint64_t ticket_of(std::uint64_t key, std::uint64_t step) {
  return key * (ticket_bits + 1) + (step & ticket_bits);
}
constexpr std::uint64_t key_of(std::uint64_t ticket) { return ticket / (ticket_bits + 1); }

inline Clock::time_point in(std::chrono::milliseconds patience) { return Clock::now() + patience; }

/// What the sessions of one proxy share.
struct Ground {
  const Options& options;
  const SocketAddress& server;
  gate::AsyncGate& gate;
  gate::Recorder& recorder;
  Poller& poller;
  std::weak_ptr<gate::RulingInbox> inbox;
  std::span<char> buffer;
  std::vector<std::size_t> numbers = {};  ///< sessions so far, by replica
  std::vector<std::size_t> dying = {};    ///< replicas that the gate ruled to die, to be ended
  std::vector<wire::CancelRequest> cancels = {};  ///< to be delivered
  std::size_t reports = 0;
  BackendPool pool = {};  ///< of Options::Pooling::transaction
  /// By the process of the key that a client was given: the key of what runs its transaction now.
  std::map<std::int32_t, wire::CancelRequest> lent = {};

  /// Into the history, a bounded number of times: whoever misbehaves may do so for ever.
  void report(std::string text);
};

class Session {
 public:
  /// `key` is its own, and even; key + 1 is the server's end.
  Session(Ground& ground, std::uint64_t key, std::size_t replica, process::Fd client);
  /// Brings a cancel request to the server, and is over.
  Session(Ground& ground, std::uint64_t key, const wire::CancelRequest& cancel);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void client_is(const Poller::Ready& ready);
  void server_is(const Poller::Ready& ready);
  /// The gate's ruling about the step of this ticket; one that comes too late is ignored.
  void rule(std::uint64_t ticket, const core::Ruling& ruling);
  /// The time is `deadline()`, or later.
  void tick();
  Clock::time_point deadline() const { return deadline_; }
  /// The client's end is over, now and without a word: what runs for it in the server is cancelled
  /// after `patience`.
  void abandon(std::chrono::milliseconds patience);
  /// Whatever is left is closed.
  void give_up();

  bool is_over() const { return !client_.is_open() && !server_.is_open() && !connects_again_; }
  std::size_t replica() const { return id_.replica; }

 private:
  /// A request with the step it is.
  struct Asked {
    wire::Request request = {};
    core::Step step = {};
    std::size_t number = 0;  ///< of the step, in the history
  };
  struct Crossed {
    std::uint64_t request = 0;
    core::Step step = {};
    std::size_t number = 0;
    core::Ruling::What ruling = core::Ruling::What::proceed;
  };
  /// What the client is told in the server's place, once that has answered what came before.
  struct Owed {
    std::string bytes = {};
    std::optional<std::size_t> number = {};
    core::Reply reply = {};
  };

  /// A batch whose statements run one by one.
  struct Parts {
    core::Step step = {};
    std::uint64_t request = 0;
    std::size_t number = 0;  ///< of the step, in the history
    std::deque<wire::Request> left = {};
    core::Reply reply = {};
    bool is_running = false;  ///< the server has not answered the part before `left`
  };

  /// Is nothing more to be taken from the client for now?
  bool is_stalled() const {
    return held_ || owed_ || parts_ || suffering_ || ending_ || is_borrowing_ || !client_.is_open();
  }
  void serve();
  void take(wire::ClientItem&& item);
  void take_startup(const wire::ClientItem& item);
  void take_request(wire::Request request);
  void apply(Asked asked, const core::Ruling& ruling);
  void cross(Asked asked, const core::Ruling& ruling);
  static bool runs_in_parts(const Asked& asked, const core::Ruling& ruling);
  void run_in_parts(Asked asked);
  void go_on_in_parts();
  void run_part(const wire::Request& part);
  void take_of_part(const wire::ServerItem& item);
  void end_parts();
  void lose_parts();
  void answer(const Asked& asked, const core::Ruling& ruling);
  void pay();
  /// What the client is to believe where the server says `status`.
  wire::TransactionStatus told_status(wire::TransactionStatus status) const;
  void die();

  /// To the server, which has something to do then.
  void give_server(std::string_view bytes);
  static std::string pooled_startup(const wire::Startup& asked);
  void lend_back();
  void take_without_server(wire::ClientItem&& item);
  void take_while_borrowing(const wire::ServerItem& item);
  void go_on_with_server();
  wire::CancelRequest key_of_lent(const wire::CancelRequest& asked) const;

  void hear_client();
  void hear_server();
  void take(const wire::ServerItem& item);
  void tell(const std::vector<wire::Reply>& replies);
  void tell(const wire::Reply& reply);
  void opened();

  void connect();
  void connect_failed(int why);
  void client_failed();
  void server_failed();
  void server_gone();
  void see_off(std::string_view last_words);
  void cancel_orphan();
  void settle();
  std::string name() const;

  Ground& ground_;
  const std::uint64_t key_;
  Peer client_, server_;
  wire::ClientStream asks_;
  wire::ServerStream answers_;
  core::SessionId id_ = {};
  bool started_ = false, opened_ = false, cancels_ = false;
  std::string startup_settings_;  ///< the user and the settings, `name=value` a line
  bool connecting_ = false, connects_again_ = false;
  std::size_t steps_ = 0;
  std::uint64_t ticket_ = 0;
  std::optional<Asked> held_ = {};
  std::optional<Owed> owed_ = {};
  std::optional<Parts> parts_ = {};
  std::deque<Crossed> crossed_ = {};
  /// The client was told that a transaction of its own is open, and none is.
  bool is_forged_open_ = false;
  bool skipping_ = false;      ///< after a refusal: up to the client's next Sync
  bool suffering_ = false;     ///< what the gate ruled comes with the reply
  bool ending_ = false;        ///< the client is told its last, and only its end is waited for
  std::string farewell_ = {};  ///< what the server said as it refused or ended the session
  int cancels_sent_ = 0;
  // Of Options::Pooling::transaction.
  std::string pooled_startup_ = {};  ///< empty: the server session is the client's own
  bool is_at_rest_ = false;          ///< nothing was sent since the server was last ready
  bool is_without_server_ = false;   ///< between two transactions
  bool is_borrowing_ = false;        ///< a new server session is not ready yet
  std::optional<wire::ClientItem> waiting_ = {};  ///< for one
  std::int32_t last_backend_ = 0;                 ///< server process of the last transaction
  wire::CancelRequest client_key_ = {};           ///< that the client was given
  std::size_t drained_ = 0;  ///< bytes that the server said to a client that has gone
  Clock::time_point deadline_ = Clock::time_point::max();
};

}  // namespace gauntlet::proxy
