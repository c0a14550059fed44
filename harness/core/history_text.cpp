#include "harness/core/history_text.h"

#include "harness/core/milliseconds.h"

#include <string_view>

#include <fmt/format.h>

namespace gauntlet::core {

namespace {

constexpr std::size_t sql_shown_max = 100;

std::string on_one_line(std::string_view sql) {
  std::string line;
  for (const char character : sql) {
    const bool blank =
        character == ' ' || character == '\n' || character == '\t' || character == '\r';
    if (blank && (line.empty() || line.back() == ' ')) continue;
    line += blank ? ' ' : character;
    if (line.size() < sql_shown_max) continue;
    // Never half a character of UTF-8.
    while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0U) == 0x80U) {
      line.pop_back();
    }
    if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0xC0U) line.pop_back();
    return line + "…";
  }
  return line;
}

std::string words_of(const Reply& reply) {
  switch (reply.ending) {
    case Reply::Ending::refused:
      return fmt::format("fails   {} {}", reply.sqlstate, on_one_line(reply.message));
    case Reply::Ending::lost:
      return "loses its connection: whether it took effect is in doubt";
    case Reply::Ending::answered:
      break;
  }
  std::string tags;
  for (const StatementReply& statement : reply.statements) {
    tags += (tags.empty() ? "" : ", ") + statement.tag;
    if (statement.value) tags += " = " + on_one_line(*statement.value);
  }
  return "gets    " + on_one_line(tags);
}

std::string words_of_step(Event::Kind kind, const StepRecord& record) {
  if (kind == Event::Kind::answered)
    return record.reply ? words_of(*record.reply) : "gets no reply";
  if (kind == Event::Kind::asked)
    return record.step.kind == Step::Kind::wait ? "waits for a notification"
                                                : "sends   " + on_one_line(record.step.sql);
  if (record.ruling.what == Ruling::What::proceed) return "";
  return fmt::format("suffers {} {}", to_string(record.ruling.what),
                     on_one_line(record.ruling.text));
}

std::string words_of(const Event& event, const History& history) {
  switch (event.kind) {
    case Event::Kind::asked:
    case Event::Kind::let_go:
    case Event::Kind::answered:
      return event.step ? words_of_step(event.kind, history.steps.at(*event.step)) : "?";
    case Event::Kind::opened:
      return fmt::format("connects to server process {}", event.backend_pid.value_or(0));
    case Event::Kind::exited:
      if (event.signal) return fmt::format("ends by signal {}", *event.signal);
      return fmt::format("ends with exit {}", event.exit_code.value_or(0));
    case Event::Kind::noted:
    case Event::Kind::foreign_lock_taken:
    case Event::Kind::foreign_lock_released:
    case Event::Kind::writers_released:
      return event.text;
    case Event::Kind::started:
    case Event::Kind::released:
    case Event::Kind::killed:
    case Event::Kind::closed:
      break;
  }
  return event.kind == Event::Kind::closed ? "closes" : std::string(to_string(event.kind));
}

}  // namespace

std::string printed(const History& history) {
  std::string text;
  for (const Event& event : history.events) {
    const std::string what = words_of(event, history);
    if (what.empty()) continue;
    const std::string who =
        is_of_a_replica(event)
            ? fmt::format("replica {}{}", event.replica,
                          event.session == 0 ? "" : fmt::format(".{}", event.session))
            : std::string("          ");
    text += fmt::format("{:9.1f} ms  {:<12} {}\n", milliseconds_of(event.at), who, what);
  }
  return text;
}

}  // namespace gauntlet::core
