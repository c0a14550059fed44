#include "harness/wire/parts.h"

#include "harness/wire/fields.h"

#include <utility>

namespace gauntlet::wire {

std::vector<Request> parts_of(const Request& batch) {
  std::vector<Request> parts;
  Request part{.id = batch.id, .kind = Request::Kind::batch};
  const auto end_part = [&] {
    part.bytes += FrameWriter('S').frame();
    parts.push_back(std::exchange(part, Request{.id = batch.id, .kind = Request::Kind::batch}));
  };
  for (const Message& message : batch.messages) {
    part.messages.push_back(message);
    part.messages.back().offset = part.bytes.size();
    part.bytes += batch.bytes.substr(message.offset, message.length);
    if (message.kind == Message::Kind::execute) end_part();
  }
  if (!part.messages.empty()) end_part();
  return parts;
}

const Statement* executed_by(const Request& part) {
  if (part.messages.empty() || part.messages.back().kind != Message::Kind::execute) return nullptr;
  return part.messages.back().statement.get();
}

}  // namespace gauntlet::wire
