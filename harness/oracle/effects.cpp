#include "harness/oracle/effects.h"

#include "harness/sql/command_tags.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

using core::Event;
using core::Reply;

std::string_view sent(const core::StepRecord& record) {
  return record.ruling.what == core::Ruling::What::rewrite ? record.ruling.text : record.step.sql;
}

std::vector<std::string> writes_of(const core::StepRecord& record) {
  if (!record.reply || record.reply->ending == Reply::Ending::lost) return {};
  const std::vector<core::StatementReply>& replies = record.reply->statements;
  // Most steps only read: their text need not be looked at.
  if (std::none_of(replies.begin(), replies.end(),
                   [](const auto& reply) { return sql::may_write(reply.tag); }))
    return {};
  std::vector<std::string> all;
  const auto statements = runner::split(sent(record)).statements;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const std::string_view text = i < statements.size() ? statements[i].sql : std::string_view();
    if (sql::wrote(replies[i].tag, text)) all.emplace_back(text.empty() ? replies[i].tag : text);
  }
  return all;
}

std::optional<std::string> first_write(const core::StepRecord& record) {
  std::vector<std::string> all = writes_of(record);
  if (all.empty()) return std::nullopt;
  return std::move(all.front());
}

bool waits(const core::StepRecord& record) {
  return record.step.kind == core::Step::Kind::wait || sql::waits_for_lock(sent(record));
}

std::string moment_of(const Event& event) {
  const std::chrono::duration<double, std::milli> at = event.at;
  return fmt::format("{:.1f} ms", at.count());
}

std::optional<int> backend_of(const core::History& history, core::SessionId session) {
  for (const Event& event : history.events) {
    if (event.kind == Event::Kind::opened && event.replica == session.replica &&
        event.session == session.number) {
      return event.backend_pid;
    }
  }
  return std::nullopt;
}

std::string name_of(const core::History& history, core::SessionId session) {
  const std::optional<int> backend = backend_of(history, session);
  return fmt::format("session {} of replica {}{}", session.number, session.replica,
                     backend ? fmt::format(" (server process {})", *backend) : "");
}

std::vector<std::optional<std::size_t>> let_go_positions(const core::History& history) {
  std::vector<std::optional<std::size_t>> positions(history.steps.size());
  for (std::size_t at = 0; at < history.events.size(); ++at) {
    const Event& event = history.events[at];
    if (event.kind == Event::Kind::let_go && event.step && *event.step < positions.size()) {
      positions[*event.step] = at;
    }
  }
  return positions;
}

}  // namespace gauntlet::oracle
