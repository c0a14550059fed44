// How a session begins and how it ends: reached or not, failed, abandoned, seen off.
#include "harness/proxy/session.h"
#include "harness/wire/encode.h"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace gauntlet::proxy {
namespace {

constexpr std::chrono::milliseconds connect_again{5};
constexpr std::chrono::milliseconds cancel_again{1'000};
constexpr int cancels_max = 10;

}  // namespace

void Session::connect() {
  connects_again_ = false;
  process::Fd fd = begin_to_connect(ground_.server);
  if (fd.is_open()) {
    server_.open(std::move(fd));
    connecting_ = true;
  } else if (errno == EAGAIN) {
    connects_again_ = true;
    deadline_ = in(connect_again);
  } else {
    connect_failed(errno);
  }
}

void Session::connect_failed(int why) {
  const std::string words =
      "the server could not be reached: " + std::generic_category().message(why);
  ground_.report(fmt::format("{}: {}", name(), words));
  server_.close();
  see_off(wire::error_response({.severity = "FATAL", .sqlstate = "08006", .text = words}));
}

/// The last that a client is told; then only its end is waited for.
void Session::see_off(std::string_view last_words) {
  held_.reset();
  owed_.reset();
  lose_parts();
  ending_ = true;
  client_.send(last_words);
  client_.finish();
  deadline_ = in(ground_.options.farewell_patience);
}

void Session::client_failed() {
  ground_.report(fmt::format("{} does not speak the protocol: {}", name(), asks_.failure()));
  see_off(wire::error_response({.severity = "FATAL",
                                .sqlstate = "08P01",
                                .text = "this is not the protocol: " + asks_.failure()}));
  server_.finish();
}

void Session::server_failed() {
  ground_.report(
      fmt::format("the server of {} does not speak the protocol: {}", name(), answers_.failure()));
  tell(answers_.end());
  server_.close();
  see_off(answers_.pending());
}

void Session::server_gone() {
  tell(answers_.end());
  server_.close();
  if (!farewell_.empty())
    ground_.report(fmt::format("{} {}: {}", name(),
                               opened_ ? "was ended by the server" : "was not let in", farewell_));
  if (client_.is_open() && !ending_) see_off({});
}

void Session::abandon(std::chrono::milliseconds patience) {
  if (started_ && client_.is_open()) ground_.gate.leaves(id_);
  held_.reset();
  owed_.reset();
  lose_parts();
  client_.close();
  connects_again_ = false;
  server_.finish();
  deadline_ = in(patience);
}

void Session::give_up() {
  tell(answers_.end());
  connects_again_ = false;
  client_.close();
  server_.close();
}

void Session::tick() {
  deadline_ = Clock::time_point::max();
  if (held_) {
    ground_.report(fmt::format("step {} of {} was held for {} ms, which is as long as is allowed",
                               held_->step.index, name(), ground_.options.patience.count()));
    return rule(ticket_ & ticket_bits, {});
  }
  if (connects_again_) {
    connect();
  } else if (ending_ && client_.is_open()) {
    client_.close();
    deadline_ = in(ground_.options.orphan_patience);
  } else if (!client_.is_open()) {
    cancel_orphan();
  } else if (!started_ && !cancels_) {
    ground_.report(
        fmt::format("{} said nothing for {} ms", name(), ground_.options.startup_patience.count()));
    client_.close();
  }
  server_.flush();
  settle();
}

/// The client has gone, and the server has not noticed in time.
void Session::cancel_orphan() {
  if (!server_.is_open()) return;
  const auto& key = answers_.cancel_key();
  if (key.process == 0 || cancels_sent_ == cancels_max) {
    ground_.report(name() + " could not be ended: the server did not let go of it");
    return give_up();
  }
  if (cancels_sent_++ == 0)
    ground_.report(name() + " outlived its client: what it ran was cancelled");
  ground_.cancels.push_back(key);
  deadline_ = in(cancel_again);
}

}  // namespace gauntlet::proxy
