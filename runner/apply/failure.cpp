#include "runner/apply/failure.h"

#include "runner/values/own_query.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

// For most errors at run time the server names no position: then the statements that completed
// before it are counted.
ErrorSite site_by_count(const Message& message, std::size_t completed, const SqlDialect& dialect) {
  if (completed < message.before.size()) {
    return {
        .where = ErrorSite::Where::ours, .place = {}, .purpose = message.before[completed].purpose};
  }
  const std::size_t index = completed - message.before.size();
  const Split parts = dialect.split(message.body);
  if (index < parts.statements.size()) {
    const Place place = place_of_byte(message.body, parts.statements[index].offset);
    return {.where = ErrorSite::Where::body, .place = place, .purpose = {}};
  }
  const std::size_t own = index - parts.statements.size();
  if (own < message.after.size()) {
    return {.where = ErrorSite::Where::ours, .place = {}, .purpose = message.after[own].purpose};
  }
  return {.where = ErrorSite::Where::body, .place = {}, .purpose = {}};
}

// The character that the server names in every language: `0xe2 0x82 0xac`.
std::string character_named_in(std::string_view message) {
  std::string bytes;
  for (std::size_t at = message.find("0x"); at != std::string_view::npos;
       at = message.find("0x", at + 1)) {
    unsigned byte = 0;
    const char* const begin = message.data() + at + 2;
    std::from_chars(begin, std::min(begin + 2, message.data() + message.size()), byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::string said_in_full(const ServerMessage& said) {
  std::string text = said.code_text();
  const auto add = [&text](std::string_view name, const std::string& value) {
    if (!value.empty()) text += fmt::format("\n         {}: {}", name, value);
  };
  add("detail", said.detail);
  add("hint", said.hint);
  add("context", said.context);
  return text;
}

std::string next_step(const SqlError& error, const SqlDialect& dialect) {
  switch (dialect.kind_of(error)) {
    case ErrorKind::read_only:
      return "point --database at the primary, or at a writable database";
    case ErrorKind::cancelled:
      return "see what held it up, or allow more time with --statement-timeout";
    case ErrorKind::ends_transaction:
    case ErrorKind::needs_no_frame:
      return "let it run outside a transaction: `-- gauntlet: no-transaction` on the file's first "
             "line";
    case ErrorKind::no_such_character:
      return "write the character otherwise, also in comments: the database's encoding has none "
             "such";
    case ErrorKind::lock_timeout:
      return "end the session that stood in its way";
    default:
      return error.fix().empty() ? "correct the file" : error.fix();
  }
}

// What the server said about a statement of ours, in the words of what it was there for.
Error told_of_ours(const Task& task, const SqlError& error, Purpose purpose,
                   const std::string& where, const std::string& state, const SqlDialect& dialect) {
  const std::string name = task.name();
  const std::string& words = error.said().message;
  switch (purpose) {
    case Purpose::proof:
      if (!dialect.is_done(error)) {
        return {"lock-not-proven",
                fmt::format("whether {} still has the migration lock could not be asked: {}", name,
                            words),
                where,
                fmt::format("{}; {}, then run `{}` again", state, next_step(error, dialect),
                            task.command())};
      }
      return {"lock-lost",
              fmt::format("another session has the migration lock that {} ran under", name), where,
              fmt::format("{}; a body that calls pg_advisory_unlock_all() or DISCARD ALL gives the "
                          "lock away: take that out, then run `{}` again",
                          state, task.command())};
    case Purpose::commit:
      return {"migration-failed", fmt::format("{} failed at COMMIT: {}", name, words), where,
              fmt::format("{}; {}", state, dialect.refused_commit_advice(error))};
    case Purpose::record:
    case Purpose::notify:
      return {
          "not-recorded", fmt::format("{} could not be recorded: {}", name, words), where,
          fmt::format("{}; see that the body leaves the tracker alone and the transaction writable",
                      state)};
    case Purpose::begin:
    case Purpose::turn:
      if (error.fix().empty()) break;
      return {"migration-failed", fmt::format("{} could not begin: {}", name, words), where,
              fmt::format("{}; {}, then run `{}` again", state, error.fix(), task.command())};
    default:
      break;
  }
  return {"migration-failed", fmt::format("the session's settings for {} failed: {}", name, words),
          where, state};
}

}  // namespace

ErrorSite site_of(const Message& message, const SqlError& error, const SqlDialect& dialect) {
  const auto counted = [&] {
    return site_by_count(message, error.statements_completed(), dialect);
  };
  // The server reads a message as a whole, in its own encoding, before it runs the first statement.
  if (dialect.kind_of(error) == ErrorKind::no_such_character && error.statements_completed() == 0) {
    const std::size_t found = message.body.find(character_named_in(error.said().message));
    if (found != std::string_view::npos) {
      return {.where = ErrorSite::Where::body,
              .place = place_of_byte(message.body, found),
              .purpose = {}};
    }
  }
  const auto position = error.said().position;
  const std::size_t first = bytes_before_body(message) + 1;
  if (!position || *position < first) return counted();
  const std::size_t in_body = *position - first;  // characters, from 0
  if (in_body < characters_in(message.body)) {
    return {.where = ErrorSite::Where::body,
            .place = place_of_character(message.body, in_body + 1),
            .purpose = {}};
  }
  // Our own text is sound: if its grammar is at fault, the body did not end where the file does.
  if (dialect.kind_of(error) != ErrorKind::not_in_grammar) return counted();
  return {.where = ErrorSite::Where::end_of_body,
          .place = place_of_byte(message.body, message.body.size()),
          .purpose = {}};
}

SqlError failure_of(const Task& task, const ErrorSite& site, const SqlError& error,
                    const SqlDialect& dialect, const std::string& state) {
  const ServerMessage& said = error.said();
  const auto tell = [&](const Error& told) {
    return SqlError(told, said, error.statements_completed());
  };
  if (error.connection_lost()) {
    return tell({"connection-lost", fmt::format("while {} ran, {}", task.name(), said.message),
                 task.where(),
                 fmt::format("{}: `gauntlet-migrate status` tells; then run `{}` again", state,
                             task.command())});
  }
  if (site.where == ErrorSite::Where::ours) {
    const std::string held = is_overdue(error) ? "\n         " + error.where() : "";
    return tell(told_of_ours(task, error, site.purpose, task.where() + said_in_full(said) + held,
                             state, dialect));
  }
  const std::string_view open = site.where == ErrorSite::Where::end_of_body
                                    ? " (the file ends inside a statement, a quote or a comment)"
                                    : "";
  return tell({"migration-failed", fmt::format("{} failed: {}{}", task.name(), said.message, open),
               task.where(site.place) + said_in_full(said),
               fmt::format("{}; {}, then run `{}` again", state, next_step(error, dialect),
                           task.command())});
}

}  // namespace gauntlet::runner
