#include "harness/oracle/effects.h"

#include "runner/sql/lexer.h"
#include "runner/sql/statement.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::Event;
using core::Reply;
using runner::Token;

constexpr std::size_t quoted_bytes_max = 100;

// Command tags are these words, or begin with one and a space.
constexpr std::array<std::string_view, 23> writing_tags = {
    "INSERT", "UPDATE",   "DELETE",   "MERGE",    "COPY",    "CREATE", "ALTER",   "DROP",
    "GRANT",  "REVOKE",   "COMMENT",  "TRUNCATE", "REINDEX", "VACUUM", "CLUSTER", "REFRESH",
    "IMPORT", "SECURITY", "REASSIGN", "DO",       "CALL",    "SELECT", "ANALYZE"};

std::string_view first_word(std::string_view tag) { return tag.substr(0, tag.find(' ')); }

bool has_words(std::string_view sql, std::initializer_list<std::string_view> words) {
  runner::Lexer lexer(sql);
  auto wanted = words.begin();
  while (const auto token = lexer.next()) {
    if (token->kind == Token::Kind::comment) continue;
    wanted = runner::is_word(*token, *wanted) ? wanted + 1 : words.begin();
    if (wanted == words.end()) return true;
  }
  return false;
}

bool starts_with_word(std::string_view sql, std::string_view word) {
  runner::Lexer lexer(sql);
  auto token = lexer.next();
  while (token && token->kind == Token::Kind::comment) token = lexer.next();
  return token && runner::is_word(*token, word);
}

bool writes(std::string_view tag, std::string_view sql) {
  const std::string_view word = first_word(tag);
  if (std::find(writing_tags.begin(), writing_tags.end(), word) == writing_tags.end()) return false;
  if (word == "SELECT") return starts_with_word(sql, "CREATE");  // CREATE TABLE AS
  if (word == "COPY") return has_words(sql, {"FROM"}) && !tag.ends_with(" 0");
  if (word == "CREATE") return !has_words(sql, {"IF", "NOT", "EXISTS"});
  if (word == "DROP") return !has_words(sql, {"IF", "EXISTS"});
  return !tag.ends_with(" 0");
}

}  // namespace

std::string_view sent(const core::StepRecord& record) {
  return record.ruling.what == core::Ruling::What::rewrite ? record.ruling.text : record.step.sql;
}

std::vector<std::string> writes_of(const core::StepRecord& record) {
  if (!record.reply || record.reply->ending == Reply::Ending::lost) return {};
  const std::vector<core::StatementReply>& replies = record.reply->statements;
  const auto may_write = [](const core::StatementReply& reply) {
    return std::find(writing_tags.begin(), writing_tags.end(), first_word(reply.tag)) !=
           writing_tags.end();
  };
  // Most steps only read: their text need not be looked at.
  if (std::none_of(replies.begin(), replies.end(), may_write)) return {};
  std::vector<std::string> all;
  const auto statements = runner::split(sent(record)).statements;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const std::string_view sql = i < statements.size() ? statements[i].sql : std::string_view();
    if (writes(replies[i].tag, sql)) all.emplace_back(sql.empty() ? replies[i].tag : sql);
  }
  return all;
}

std::optional<std::string> first_write(const core::StepRecord& record) {
  std::vector<std::string> all = writes_of(record);
  if (all.empty()) return std::nullopt;
  return std::move(all.front());
}

bool waits(const core::StepRecord& record) {
  if (record.step.kind == core::Step::Kind::wait) return true;
  const std::string_view sql = sent(record);
  for (const char* function : {"PG_ADVISORY_LOCK", "PG_ADVISORY_XACT_LOCK",
                               "PG_ADVISORY_LOCK_SHARED", "PG_ADVISORY_XACT_LOCK_SHARED"}) {
    if (has_words(sql, {function})) return true;
  }
  return has_words(sql, {"LOCK", "TABLE"}) && !has_words(sql, {"NOWAIT"});
}

std::string one_line(std::string_view sql) {
  std::string line;
  for (const char character : sql) {
    const bool blank =
        character == ' ' || character == '\n' || character == '\t' || character == '\r';
    if (!blank) line += character;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
    if (line.size() > quoted_bytes_max + 4) break;
  }
  if (line.size() <= quoted_bytes_max) return "`" + line + "`";
  std::size_t end = quoted_bytes_max;
  // Between characters, so that a report stays valid UTF-8.
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
  return "`" + line.substr(0, end) + "…`";
}

std::string without_blanks(std::string_view sql) {
  std::string text;
  std::copy_if(sql.begin(), sql.end(), std::back_inserter(text), [](unsigned char character) {
    return std::isspace(character) == 0 && character != ';';
  });
  return text;
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
