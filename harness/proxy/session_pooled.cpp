// A client whose transactions run in one server session each: between two of them it has none.
#include "harness/proxy/session.h"
#include "harness/wire/encode.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::proxy {
namespace {

/// Asks for a password, or begins an exchange that ends in one.
bool wants_password(const wire::ServerItem& item) {
  constexpr std::string_view ok("\0\0\0\0", 4);
  constexpr std::size_t head = 5;  // type and length
  return item.type == 'R' && item.bytes.substr(head, ok.size()) != ok;
}

}  // namespace

/// As poolers do, passes on what every client may set, and drops the rest.
std::string Session::pooled_startup(const wire::Startup& asked) {
  constexpr std::array<std::string_view, 6> kept = {"user",      "database", "application_name",
                                                    "DateStyle", "TimeZone", "client_encoding"};
  wire::Startup startup{.major = asked.major, .minor = asked.minor};
  for (const auto& [name, value] : asked.parameters)
    if (std::ranges::find(kept, name) != kept.end()) startup.parameters.emplace(name, value);
  return wire::startup(startup);
}

/// Gives the server session away once the server has nothing left to do for the client.
void Session::lend_back() {
  const bool is_idle = is_at_rest_ && answers_.awaited() == 0 && crossed_.empty() &&
                       answers_.status() == wire::TransactionStatus::idle;
  if (pooled_startup_.empty() || !server_.is_open() || !is_idle || is_stalled() ||
      server_.unsent() > 0 || server_.ended())
    return;
  ground_.lent.erase(client_key_.process);
  ground_.pool.give(pooled_startup_,
                    {.fd = server_.release(),
                     .answers = std::exchange(answers_, wire::ServerStream(ground_.options.wire))});
  is_without_server_ = true;
}

/// The first that a client sends after a transaction: it needs a server session again.
void Session::take_without_server(wire::ClientItem&& item) {
  const bool leaves = item.kind == wire::ClientItem::Kind::request &&
                      item.request.kind == wire::Request::Kind::terminate;
  if (leaves) {
    ground_.gate.leaves(id_);
    return client_.close();
  }
  waiting_ = std::move(item);
  is_without_server_ = false;
  if (auto backend = ground_.pool.take(pooled_startup_, last_backend_)) {
    server_.open(std::move(backend->fd));
    answers_ = std::move(backend->answers);
    return go_on_with_server();
  }
  is_borrowing_ = true;
  connect();
  server_.send(pooled_startup_);
  server_.flush();
}

void Session::go_on_with_server() {
  is_borrowing_ = false;
  last_backend_ = answers_.cancel_key().process;
  ground_.lent[client_key_.process] = answers_.cancel_key();
  ground_.report(fmt::format("{} goes on in server process {}", name(), last_backend_));
  if (waiting_) take(*std::exchange(waiting_, std::nullopt));
}

/// What a new server session says before it is ready: the client has heard the like already.
void Session::take_while_borrowing(const wire::ServerItem& item) {
  if (item.type == 'E') {
    see_off(item.bytes);
  } else if (wants_password(item)) {
    constexpr std::string_view words =
        "the proxy lends a server session for a transaction only where the server lets it in "
        "without a password";
    ground_.report(std::string(words));
    see_off(wire::error_response(
        {.severity = "FATAL", .sqlstate = "28000", .text = std::string(words)}));
    server_.finish();
  }
}

/// The key of the server session that runs the client's transaction now; nothing to cancel: its
/// own.
wire::CancelRequest Session::key_of_lent(const wire::CancelRequest& asked) const {
  const auto found = ground_.lent.find(asked.process);
  return found == ground_.lent.end() ? asked : found->second;
}

}  // namespace gauntlet::proxy
