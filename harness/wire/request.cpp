#include "harness/wire/request.h"

#include "harness/wire/fields.h"

#include <algorithm>

namespace gauntlet::wire {
namespace {

bool runs(const Message& message) {
  return message.kind == Message::Kind::query || message.kind == Message::Kind::execute ||
         message.kind == Message::Kind::function_call;
}

std::string told(const Message& message) {
  if (message.kind == Message::Kind::function_call) return "a function call";
  if (!message.statement)
    return message.name.empty() ? "a statement not known" : "statement " + message.name;
  std::string result = message.statement->sql;
  if (message.values && !message.values->empty()) result += " " + to_string(*message.values);
  return result;
}

std::string told_of_housekeeping(const Request& request) {
  for (const auto& message : request.messages)
    if (message.kind == Message::Kind::parse && message.statement)
      return "prepare: " + message.statement->sql;
  if (!request.messages.empty()) return "extended messages";
  return request.end == Request::End::sync ? "sync" : "flush";
}

/// The frame of a Query or a Parse with other SQL in it.
std::string frame_with(const Message& message, std::string_view frame, std::string_view sql) {
  if (message.kind == Message::Kind::query) return FrameWriter('Q').text(sql).frame();
  Fields fields(frame.substr(5));
  const auto name = fields.text();
  fields.text();
  return FrameWriter('P').text(name).text(sql).bytes(fields.rest()).frame();
}

bool has_sql(const Message& message) {
  return message.statement &&
         (message.kind == Message::Kind::query || message.kind == Message::Kind::parse);
}

}  // namespace

bool Request::executes() const noexcept {
  return std::any_of(messages.begin(), messages.end(), runs);
}

std::string to_string(const Request& request) {
  if (request.kind == Request::Kind::terminate) return "terminate";
  if (!request.executes()) return told_of_housekeeping(request);
  std::string result;
  for (const auto& message : request.messages)
    if (runs(message)) result += (result.empty() ? "" : "; ") + told(message);
  return result;
}

bool rewrite(Request& request, const Rewrite& change) {
  std::string bytes;
  std::size_t copied = 0;
  bool changed = false;
  for (auto& message : request.messages) {
    auto other = has_sql(message) ? change(message.statement->sql) : std::nullopt;
    const auto frame = std::string_view(request.bytes).substr(message.offset, message.length);
    bytes.append(request.bytes, copied, message.offset - copied);
    copied = message.offset + message.length;
    message.offset = bytes.size();
    if (other) {
      changed = true;
      bytes += frame_with(message, frame, other->sql);
      message.statement->sent_as = std::move(other);
    } else {
      bytes.append(frame);
    }
    message.length = bytes.size() - message.offset;
  }
  bytes.append(request.bytes, copied, std::string::npos);
  request.bytes = std::move(bytes);
  return changed;
}

}  // namespace gauntlet::wire
