#include "harness/wire/client_stream.h"

#include "harness/wire/client_message.h"
#include "harness/wire/fields.h"

#include <utility>

namespace gauntlet::wire {
namespace {

/// COPY data and messages nobody knows need not be whole; what a gate may hold must be.
bool may_stream(char type) {
  return std::string_view("QPBDECSHFXpcf").find(type) == std::string_view::npos;
}

Message query_message(std::string_view body) {
  Fields fields(body);
  const auto sql = fields.text();
  if (!fields.ok()) return {};
  auto statement = std::make_shared<Statement>();
  statement->sql = sql;
  return {.kind = Message::Kind::query, .statement = std::move(statement)};
}

}  // namespace

ClientStream::ClientStream(const Limits& limits)
    : limits_(limits), reader_(limits, may_stream), names_(limits.names_bytes) {
  reader_.expect_startup();
  batch_.kind = Request::Kind::batch;
}

std::optional<ClientItem> ClientStream::next() {
  while (items_.empty()) {
    const auto frame = reader_.next();
    if (!frame) return std::nullopt;
    take(*frame);
  }
  ClientItem item = std::move(items_.front());
  items_.pop_front();
  return item;
}

std::string ClientStream::take_kept() {
  std::string kept = std::exchange(batch_, Request{.kind = Request::Kind::batch}).bytes;
  kept.append(reader_.pending());
  reader_ = FrameReader(limits_, may_stream);
  return kept;
}

void ClientStream::take(const Frame& frame) {
  if (frame.startup)
    take_startup(frame);
  else if (frame.whole())
    take_typed(frame);
  else
    take_opaque(frame);
}

void ClientStream::take_startup(const Frame& frame) {
  ClientItem item{.kind = ClientItem::Kind::startup,
                  .startup = read_startup(frame.body()),
                  .bytes = std::string(frame.bytes)};
  if (std::holds_alternative<EncryptionRequest>(item.startup)) reader_.expect_startup();
  items_.push_back(std::move(item));
}

void ClientStream::take_typed(const Frame& frame) {
  switch (frame.type) {
    case 'Q':
      return take_single(frame, Request::Kind::query);
    case 'F':
      return take_single(frame, Request::Kind::function_call);
    case 'X':
      return take_single(frame, Request::Kind::terminate);
    case 'S':
      return take_sync(frame);
    case 'H':
      batch_.bytes.append(frame.bytes);
      return end_batch(Request::End::flush);
    default:
      return is_extended(frame.type) ? take_extended(frame) : take_opaque(frame);
  }
}

void ClientStream::take_single(const Frame& frame, Request::Kind kind) {
  end_batch(Request::End::cut);
  Request request{.kind = kind, .bytes = std::string(frame.bytes)};
  if (kind == Request::Kind::query) request.messages.push_back(query_message(frame.body()));
  if (kind == Request::Kind::function_call)
    request.messages.push_back({.kind = Message::Kind::function_call});
  if (!request.messages.empty()) request.messages[0].length = frame.bytes.size();
  // A simple query takes the place of the unnamed statement and of the unnamed portal.
  if (kind == Request::Kind::query) {
    names_.close_statement("");
    names_.close_portal("");
  }
  copy_ = Copy::none;
  emit(std::move(request));
}

void ClientStream::take_extended(const Frame& frame) {
  if (!batch_.messages.empty() && (batch_.bytes.size() + frame.bytes.size() > limits_.batch_bytes ||
                                   batch_.messages.size() >= limits_.batch_messages))
    end_batch(Request::End::cut);
  Message message = read_extended(frame.type, frame.body(), names_);
  message.offset = batch_.bytes.size();
  message.length = frame.bytes.size();
  batch_.messages.push_back(std::move(message));
  batch_.bytes.append(frame.bytes);
  copy_ = Copy::none;
}

void ClientStream::take_sync(const Frame& frame) {
  if (copy_ == Copy::data_ended && batch_.bytes.empty()) {
    copy_ = Copy::none;
    items_.push_back({.kind = ClientItem::Kind::copy_sync, .bytes = std::string(frame.bytes)});
    return;
  }
  batch_.bytes.append(frame.bytes);
  const bool runs = batch_.executes();
  end_batch(Request::End::sync);
  copy_ = runs ? Copy::batch_synced : Copy::none;
}

void ClientStream::take_opaque(const Frame& frame) {
  end_batch(Request::End::cut);
  const bool ends_data = frame.type == 'c' || frame.type == 'f';
  if (copy_ == Copy::batch_synced && ends_data) copy_ = Copy::data_ended;
  items_.push_back({.bytes = std::string(frame.bytes)});
}

void ClientStream::end_batch(Request::End end) {
  if (batch_.bytes.empty()) return;
  batch_.end = end;
  emit(std::exchange(batch_, Request{.kind = Request::Kind::batch}));
}

void ClientStream::emit(Request request) {
  request.id = ++last_id_;
  items_.push_back({.kind = ClientItem::Kind::request, .request = std::move(request)});
}

}  // namespace gauntlet::wire
