#include "harness/proxy/proxy.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::proxy {
namespace {

constexpr std::chrono::milliseconds listen_again_after{50};
constexpr std::chrono::milliseconds turn{100};
/// What the server is given, at the end, to let go of what was cancelled.
constexpr std::chrono::milliseconds end_patience{15'000};

}  // namespace

/// Rulings that came from other threads.
class Proxy::Inbox : public gate::RulingInbox {
 public:
  explicit Inbox(Poller& poller) : poller_(&poller) {}

  void take(std::uint64_t ticket, core::Ruling ruling) noexcept override {
    const std::lock_guard held(mutex_);
    if (poller_ == nullptr) return;
    rulings_.emplace_back(ticket, std::move(ruling));
    if (rulings_.size() == 1) poller_->wake();
  }
  std::vector<std::pair<std::uint64_t, core::Ruling>> empty() {
    const std::lock_guard held(mutex_);
    return std::exchange(rulings_, {});
  }
  void close() {
    const std::lock_guard held(mutex_);
    poller_ = nullptr;
  }

 private:
  std::mutex mutex_;
  Poller* poller_;
  std::vector<std::pair<std::uint64_t, core::Ruling>> rulings_;
};

Proxy::Proxy(const Upstream& upstream, std::size_t replicas, gate::AsyncGate& gate,
             gate::Recorder& recorder, Options options)
    : options_(std::move(options)),
      server_(resolve(upstream)),
      inbox_(std::make_shared<Inbox>(poller_)),
      ground_{.options = options_,
              .server = server_,
              .gate = gate,
              .recorder = recorder,
              .poller = poller_,
              .inbox = inbox_,
              .buffer = buffer_,
              .numbers = std::vector<std::size_t>(replicas)},
      listeners_(replicas),
      // The keys of listeners are even numbers and their successors from 2 on, those of sessions
      // follow.
      next_key_(2 * replicas + 2) {
  for (std::size_t replica = 0; replica < replicas; ++replica) listen(replica);
}

Proxy::~Proxy() {
  inbox_->close();
  listeners_.clear();
  for (const auto& [key, session] : all_) session->abandon(std::chrono::milliseconds(0));
  const auto end = Clock::now() + end_patience;
  while (!all_.empty() && Clock::now() < end) pump(turn);
  for (const auto& [key, session] : all_) session->give_up();
}

void Proxy::listen(std::size_t replica) {
  Listener& listener = listeners_[replica];
  listener.tcp = listen_on_loopback(listener.port);
  poller_.add(listener.tcp.get(), 2 * replica + 2, {.read = true});
  if (options_.socket_folder.empty()) return;
  listener.unix_socket = listen_in(options_.socket_folder, listener.port);
  poller_.add(listener.unix_socket.get(), 2 * replica + 3, {.read = true});
}

void Proxy::pump(std::chrono::milliseconds patience) {
  for (const auto& ready : poller_.wait(until_next(patience))) hear(ready);
  take_rulings();
  tick();
  do_what_was_asked();
  bury();
  {
    const std::lock_guard held(mutex_);
    ++turns_;
  }
  turned_.notify_all();
}

// The turn that is under way may have looked before the call; the one after it has not.
bool Proxy::wait_for_turn(std::chrono::milliseconds patience) {
  const auto end = Clock::now() + patience;
  std::unique_lock held(mutex_);
  for (int turn = 0; turn < 2; ++turn) {
    const std::uint64_t before = turns_;
    poller_.wake();
    if (!turned_.wait_until(held, end, [&] { return turns_ > before; })) return false;
  }
  return true;
}

void Proxy::hear(const Poller::Ready& ready) {
  if (ready.key < 2 * ground_.numbers.size() + 2) return accept(ready.key);
  const auto found = all_.find(ready.key & ~std::uint64_t{1});
  if (found == all_.end()) return;
  if (ready.key % 2 == 0)
    found->second->client_is(ready);
  else
    found->second->server_is(ready);
}

void Proxy::accept(std::size_t listener) {
  if (listeners_.empty()) return;
  const std::size_t replica = listener / 2 - 1;
  const Listener& at = listeners_[replica];
  const int fd = listener % 2 == 0 ? at.tcp.get() : at.unix_socket.get();
  bool exhausted = false;
  while (true) {
    process::Fd client = accept_from(fd, exhausted);
    if (!client.is_open()) break;
    if (all_.size() >= options_.sessions_max) {
      ground_.report(fmt::format("a connection of replica {} was turned away: there are {} already",
                                 replica, all_.size()));
      continue;
    }
    const auto key = next_key_ += 2;
    all_.emplace(key, std::make_unique<Session>(ground_, key, replica, std::move(client)));
  }
  count_ = all_.size();
  if (!exhausted) return;
  // It would be told again and again: no descriptor is left until somebody closes one.
  ground_.report("a connection waits: no descriptor is left for it");
  poller_.change(fd, listener, {});
  listen_again_ = Clock::now() + listen_again_after;
}

void Proxy::take_rulings() {
  for (const auto& [ticket, ruling] : inbox_->empty()) {
    const auto found = all_.find(key_of(ticket));
    if (found != all_.end()) found->second->rule(ticket & ticket_bits, ruling);
  }
}

void Proxy::tick() {
  const auto now = Clock::now();
  for (const auto& [key, session] : all_)
    if (session->deadline() <= now) session->tick();
  if (listen_again_ > now) return;
  listen_again_ = Clock::time_point::max();
  for (std::size_t replica = 0; replica < listeners_.size(); ++replica) {
    poller_.change(listeners_[replica].tcp.get(), 2 * replica + 2, {.read = true});
    if (listeners_[replica].unix_socket.is_open())
      poller_.change(listeners_[replica].unix_socket.get(), 2 * replica + 3, {.read = true});
  }
}

/// What sessions want done that touches others.
void Proxy::do_what_was_asked() {
  for (const std::size_t replica : std::exchange(ground_.dying, {})) {
    if (options_.kill) options_.kill(replica);
    for (const auto& [key, session] : all_)
      if (session->replica() == replica) session->abandon(options_.orphan_patience);
  }
  for (const auto& cancel : std::exchange(ground_.cancels, {})) {
    const auto key = next_key_ += 2;
    all_.emplace(key, std::make_unique<Session>(ground_, key, cancel));
  }
}

void Proxy::bury() {
  std::erase_if(all_, [](const auto& each) { return each.second->is_over(); });
  if (count_ == all_.size()) return;
  {
    const std::lock_guard held(mutex_);
    count_ = all_.size();
  }
  if (all_.empty()) emptied_.notify_all();
}

bool Proxy::wait_until_empty(std::chrono::milliseconds patience) const {
  std::unique_lock held(mutex_);
  return emptied_.wait_for(held, patience, [this] { return count_ == 0; });
}

std::chrono::milliseconds Proxy::until_next(std::chrono::milliseconds patience) const {
  auto next = Clock::now() + patience;
  next = std::min(next, listen_again_);
  for (const auto& [key, session] : all_) next = std::min(next, session->deadline());
  return std::chrono::ceil<std::chrono::milliseconds>(
      std::max(next - Clock::now(), Clock::duration::zero()));
}

}  // namespace gauntlet::proxy
