// Writes histories by hand, for the tests of oracles: one call an event or a whole step.
#pragma once

#include "harness/core/history.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace gauntlet::oracle {

/// Event times are their positions, in milliseconds.
class TestHistory {
 public:
  using Kind = core::Event::Kind;
  using Replies = std::vector<core::StatementReply>;

  explicit TestHistory(std::size_t replicas) {
    history_.replicas = replicas;
    history_.outputs.resize(replicas);
  }

  TestHistory& opens(core::SessionId session, int backend) {
    return add(session, {.kind = Kind::opened, .backend_pid = backend});
  }
  TestHistory& closes(core::SessionId session) { return add(session, {.kind = Kind::closed}); }
  TestHistory& exits(std::size_t replica, int code) {
    return add({.replica = replica}, {.kind = Kind::exited, .exit_code = code});
  }
  TestHistory& is_killed(std::size_t replica) {
    return add({.replica = replica}, {.kind = Kind::killed, .signal = 9});
  }
  TestHistory& notes(std::string text) {
    return add({}, {.kind = Kind::noted, .text = std::move(text)});
  }

  TestHistory& marks(Kind kind) { return add({}, {.kind = kind}); }

  /// Comes to the gate and crosses, without a reply so far.
  TestHistory& sends(core::SessionId session, std::string sql,
                     std::vector<std::optional<std::string>> parameters = {}) {
    history_.steps.push_back(
        {.step = {.session = session, .sql = std::move(sql), .parameters = std::move(parameters)}});
    const std::size_t step = history_.steps.size() - 1;
    add(session, {.kind = Kind::asked, .step = step});
    return add(session, {.kind = Kind::let_go, .step = step});
  }
  /// The reply to the last step of all.
  TestHistory& is_told(core::Reply reply) {
    core::StepRecord& record = history_.steps.back();
    record.reply = std::move(reply);
    return add(record.step.session, {.kind = Kind::answered, .step = history_.steps.size() - 1});
  }

  /// The server is told a text (Parse, Describe) and runs nothing.
  TestHistory& prepares(core::SessionId session, std::string sql) {
    sends(session, std::move(sql));
    history_.steps.back().step.kind = core::Step::Kind::prepare;
    return is_told({});
  }

  /// A step of one statement with its one value.
  TestHistory& asks(core::SessionId session, std::string sql, std::string value) {
    return sends(session, std::move(sql))
        .is_told({.statements = {{.tag = "SELECT 1", .rows = 1, .value = std::move(value)}}});
  }
  /// A step of one statement with this command tag.
  TestHistory& does(core::SessionId session, std::string sql, std::string tag) {
    return sends(session, std::move(sql)).is_told({.statements = {{.tag = std::move(tag)}}});
  }
  TestHistory& says(std::size_t replica, std::string err) {
    history_.outputs[replica].err = std::move(err);
    return *this;
  }

  core::History& history() { return history_; }

 private:
  TestHistory& add(core::SessionId session, core::Event event) {
    event.replica = session.replica;
    event.session = session.number;
    event.at = std::chrono::milliseconds(history_.events.size());
    history_.events.push_back(std::move(event));
    return *this;
  }

  core::History history_;
};

constexpr core::SessionId first_session{.replica = 0, .number = 0};

constexpr const char* lock = "SELECT pg_advisory_lock(1)";
constexpr const char* unlock = "SELECT pg_advisory_unlock(1)";
constexpr core::SessionId second_session{.replica = 1, .number = 0};

}  // namespace gauntlet::oracle
