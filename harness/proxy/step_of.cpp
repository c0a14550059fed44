#include "harness/proxy/step_of.h"

#include "harness/sql/lock_edits.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::proxy {
namespace {

using wire::Message;

constexpr std::string_view separator = ";\n";
constexpr std::size_t value_bytes_max = 200;
constexpr std::uint32_t bool_oid = 16, int2_oid = 21, int4_oid = 23, int8_oid = 20, oid_oid = 26;

bool runs(const Message& message) {
  return message.kind == Message::Kind::query || message.kind == Message::Kind::execute;
}
bool has_text(const Message& message) {
  return message.statement &&
         (message.kind == Message::Kind::query || message.kind == Message::Kind::parse);
}

std::string text_of(const Message& message) {
  if (message.statement) return message.statement->sql;
  return message.name.empty() ? "(a statement not known)"
                              : fmt::format("(statement {}, not known)", message.name);
}

/// As the client would have written it in text.
std::optional<std::string> plain(const wire::Value& value) {
  if (!value.bytes) return std::nullopt;
  if (value.format == wire::Value::Format::text) return value.bytes->substr(0, value_bytes_max);
  if (value.type == bool_oid && value.bytes->size() == 1)
    return std::string(value.bytes->front() == 0 ? "f" : "t");
  const bool integer = value.type == int2_oid || value.type == int4_oid || value.type == int8_oid ||
                       value.type == oid_oid || value.type == 0;
  if (const auto number = integer ? wire::as_integer(value) : std::nullopt)
    return std::to_string(*number);
  return wire::to_string(value);
}

bool is_fatal(const std::optional<wire::ServerMessage>& error) {
  return error && (error->severity == "FATAL" || error->severity == "PANIC");
}

/// The formats of a row's columns are not told with it: one byte that is no text is a boolean.
std::optional<std::string> plain_of_row(const wire::Value& value) {
  if (value.bytes == std::string(1, '\0')) return "f";
  if (value.bytes == std::string(1, '\1')) return "t";
  return plain(value);
}

core::StatementReply statement_of(const wire::StatementResult& result) {
  core::StatementReply told{.tag = result.tag, .rows = static_cast<std::size_t>(result.rows)};
  if (!result.first_rows.empty() && !result.first_rows.front().empty())
    told.value = plain_of_row(result.first_rows.front().front());
  return told;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const auto end = a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size()));
  return static_cast<std::size_t>(std::mismatch(a.begin(), end, b.begin()).first - a.begin());
}

bool inside_character(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

/// One edit: what lies between their common beginning and their common end.
sql::EditedSql difference(std::string_view original, std::string_view text) {
  std::size_t first = common_prefix(original, text);
  while (first > 0 && (inside_character(original, first) || inside_character(text, first))) --first;
  std::size_t last = 0;
  const std::size_t last_max = std::min(original.size(), text.size()) - first;
  while (last < last_max && original[original.size() - last - 1] == text[text.size() - last - 1])
    ++last;
  while (last > 0 && inside_character(original, original.size() - last)) --last;
  return sql::edited(original,
                     {{.offset = first,
                       .length = original.size() - first - last,
                       .text = std::string(text.substr(first, text.size() - first - last))}});
}

/// As one of the rewrites that keep the columns' names, where it is one of them.
sql::EditedSql edit_to(std::string_view original, const std::string& text) {
  for (const auto change : {sql::with_shared_advisory_locks, sql::with_kept_advisory_locks,
                            sql::with_weak_table_locks, sql::without_row_locks})
    if (auto known = change(original); known && known->sql == text) return *std::move(known);
  return difference(original, text);
}

std::vector<std::string> pieces_of(std::string_view text) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at != std::string_view::npos;) {
    const std::size_t end = text.find(separator, at);
    pieces.emplace_back(text.substr(at, end - at));
    at = end == std::string_view::npos ? end : end + separator.size();
  }
  return pieces;
}

std::vector<const Message*> told_by(const wire::Request& request) {
  std::vector<const Message*> messages;
  const bool executes = request.executes();
  for (const auto& message : request.messages)
    if (executes ? runs(message) : has_text(message)) messages.push_back(&message);
  return messages;
}

}  // namespace

std::optional<core::Step> step_of(const wire::Request& request) {
  if (request.kind == wire::Request::Kind::terminate) return std::nullopt;
  core::Step step;
  if (request.kind == wire::Request::Kind::function_call) {
    step.sql = wire::to_string(request);
    return step;
  }
  const auto messages = told_by(request);
  if (messages.empty()) return std::nullopt;
  for (const Message* message : messages) {
    if (message != messages.front()) step.sql += separator;
    step.sql += text_of(*message);
  }
  if (!request.executes()) {
    step.kind = core::Step::Kind::prepare;
  } else if (request.kind == wire::Request::Kind::batch && messages.size() == 1) {
    step.kind = core::Step::Kind::query;
    if (messages.front()->values)
      for (const auto& value : *messages.front()->values) step.parameters.push_back(plain(value));
  }
  return step;
}

core::Reply reply_of(const wire::Reply& reply, wire::TransactionStatus status) {
  core::Reply told;
  for (const auto& result : reply.results) told.statements.push_back(statement_of(result));
  told.in_transaction = reply.status.value_or(status) != wire::TransactionStatus::idle;
  if (reply.error) {
    told.sqlstate = reply.error->sqlstate;
    told.message = reply.error->text;
  }
  switch (reply.end) {
    case wire::Reply::End::done:
      break;
    case wire::Reply::End::skipped:
      told.ending = core::Reply::Ending::refused;
      told.message = "passed over by the server, after an error before it";
      break;
    case wire::Reply::End::failed:
      told.ending =
          is_fatal(reply.error) ? core::Reply::Ending::lost : core::Reply::Ending::refused;
      break;
    case wire::Reply::End::lost:
      told.ending = core::Reply::Ending::lost;
      break;
  }
  return told;
}

bool rewrite_to(wire::Request& request, const std::string& text) {
  const auto messages = told_by(request);
  const auto texts = std::count_if(request.messages.begin(), request.messages.end(), has_text);
  auto pieces = messages.size() == 1 ? std::vector{text} : pieces_of(text);
  if (texts == 0 || pieces.size() != messages.size()) return false;
  return wire::rewrite(request, [&](std::string_view sql) -> std::optional<sql::EditedSql> {
    for (std::size_t i = 0; i < messages.size(); ++i)
      if (messages[i]->statement && messages[i]->statement->sql == sql && pieces[i] != sql)
        return edit_to(sql, pieces[i]);
    return std::nullopt;
  });
}

}  // namespace gauntlet::proxy
