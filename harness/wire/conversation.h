// Both sides of a session run through the codec, and told in a form that does not depend on the
// chunks they came in: for the tests and for the fuzzer, which ask the same of any bytes.
#pragma once

#include "harness/wire/client_stream.h"
#include "harness/wire/server_stream.h"

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::wire {

class Conversation {
 public:
  explicit Conversation(const Limits& limits) : client_(limits), server_(limits) {}

  void from_client(std::string_view bytes) {
    client_.push(bytes);
    while (auto item = client_.next()) hear(*item);
  }

  void from_server(std::string_view bytes) {
    server_.push(bytes);
    while (auto item = server_.next()) {
      to_client_ += item->bytes;
      tell(item->replies);
    }
  }

  void end() { tell(server_.end()); }

  /// What was asked and what was answered, a line each.
  const std::vector<std::string>& events() const { return events_; }
  const std::string& to_server() const { return to_server_; }
  const std::string& to_client() const { return to_client_; }
  const ClientStream& client() const { return client_; }
  const ServerStream& server() const { return server_; }

 private:
  void hear(const ClientItem& item) {
    to_server_ += item.bytes + item.request.bytes;
    if (item.kind == ClientItem::Kind::copy_sync) server_.expect_copy_sync();
    if (item.kind != ClientItem::Kind::request) return;
    events_.push_back(std::to_string(item.request.id) + "? " + to_string(item.request));
    tell(server_.expect(item.request));
  }

  void tell(const std::vector<Reply>& replies) {
    for (const auto& reply : replies) {
      constexpr std::string_view ends[] = {"done", "failed", "skipped", "lost"};
      std::string line = std::to_string(reply.request) + "! ";
      line += ends[static_cast<std::size_t>(reply.end)];
      if (reply.status) line += std::string(" ") + static_cast<char>(*reply.status);
      for (const auto& result : reply.results) {
        line += ", " + (result.suspended ? "suspended" : result.tag);
        for (const auto& row : result.first_rows) line += " " + to_string(row);
      }
      if (reply.error) line += ", " + reply.error->sqlstate + " " + reply.error->text;
      if (reply.failing) line += " in " + reply.failing->sql;
      events_.push_back(std::move(line));
    }
  }

  ClientStream client_;
  ServerStream server_;
  std::vector<std::string> events_ = {};
  std::string to_server_ = {}, to_client_ = {};
};

}  // namespace gauntlet::wire
