#include "harness/wire/encode.h"

#include "harness/wire/fields.h"

namespace gauntlet::wire {
namespace {

using Kind = Message::Kind;

std::string empty_frame(char type) { return FrameWriter(type).frame(); }

std::string answer(Kind kind, std::string_view tag) {
  switch (kind) {
    case Kind::query:
    case Kind::execute:
      return command_complete(tag);
    case Kind::parse:
      return empty_frame('1');
    case Kind::bind:
      return empty_frame('2');
    case Kind::close:
      return empty_frame('3');
    case Kind::describe_statement:
      return FrameWriter('t').int16(0).frame() + empty_frame('n');
    case Kind::describe_portal:
      return empty_frame('n');
    case Kind::function_call:
      return FrameWriter('V').int32(-1).frame();
    case Kind::unreadable:
      return {};
  }
  return {};
}

}  // namespace

std::string ready_for_query(TransactionStatus status) {
  return FrameWriter('Z').byte(static_cast<char>(status)).frame();
}

std::string error_response(const ServerMessage& error) {
  FrameWriter frame('E');
  const auto put = [&](char code, std::string_view text) {
    if (!text.empty()) frame.byte(code).text(text);
  };
  put('S', error.severity);
  put('V', error.severity);
  put('C', error.sqlstate);
  put('M', error.text);
  put('D', error.detail);
  put('H', error.hint);
  put('W', error.where);
  if (error.position > 0) put('P', std::to_string(error.position));
  return frame.byte('\0').frame();
}

std::string command_complete(std::string_view tag) { return FrameWriter('C').text(tag).frame(); }

std::string query(std::string_view sql) { return FrameWriter('Q').text(sql).frame(); }

std::string terminate() { return empty_frame('X'); }

std::string startup(const Startup& startup) {
  FrameWriter frame('\0');
  frame.int16(startup.major).int16(startup.minor);
  for (const auto& [name, value] : startup.parameters) frame.text(name).text(value);
  return frame.byte('\0').frame();
}

std::string cancel_request(const CancelRequest& cancel) {
  return FrameWriter('\0').int16(1234).int16(5678).int32(cancel.process).bytes(cancel.key).frame();
}

std::string success(const Request& request, std::string_view tag, TransactionStatus status) {
  std::string frames;
  for (const auto& message : request.messages) frames += answer(message.kind, tag);
  return request.gives_ready() ? frames + ready_for_query(status) : frames;
}

std::string failure(const Request& request, const ServerMessage& error, TransactionStatus status) {
  const auto frame = error_response(error);
  return request.gives_ready() ? frame + ready_for_query(status) : frame;
}

}  // namespace gauntlet::wire
