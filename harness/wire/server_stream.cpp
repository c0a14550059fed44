#include "harness/wire/server_stream.h"

#include "harness/wire/fields.h"
#include "harness/wire/server_message.h"

#include <utility>

namespace gauntlet::wire {
namespace {

constexpr std::size_t parameters_max = 100;

/// Nothing of a server must be whole: of a long frame, its head is looked at.
bool may_stream_reply(char) { return true; }

}  // namespace

ServerStream::ServerStream(const Limits& limits) : reader_(limits, may_stream_reply) {}

std::vector<Reply> ServerStream::expect(const Request& request) {
  std::vector<Reply> replies;
  if (request.kind == Request::Kind::terminate) return replies;
  awaited_.emplace_back(request);
  if (skipping_) {
    skip(replies);
  } else if (awaited_.size() == 1 && !request.gives_ready() && awaited_.front().all_answered()) {
    replies.push_back(awaited_.front().reply(Reply::End::done, std::nullopt));
    awaited_.pop_front();
  }
  return replies;
}

void ServerStream::expect_copy_sync() { awaited_.push_back(Awaited::copy_sync()); }

std::optional<ServerItem> ServerStream::next() {
  const auto frame = reader_.next();
  if (!frame) return std::nullopt;
  ServerItem item{.bytes = frame->bytes, .type = frame->type};
  if (!awaited_.empty()) item.request = awaited_.front().id();
  if (frame->first) take(*frame, item);
  return item;
}

std::vector<Reply> ServerStream::end() {
  std::vector<Reply> replies;
  for (auto& awaited : awaited_)
    if (!awaited.is_copy_sync()) replies.push_back(awaited.reply(Reply::End::lost, std::nullopt));
  awaited_.clear();
  return replies;
}

void ServerStream::take(const Frame& frame, ServerItem& item) {
  switch (frame.type) {
    case 'R':  // authentication is between the two of them
    case 'A':
    case 'v':
      item.request = 0;
      return;
    case 'K': {
      Fields fields(frame.body());
      cancel_key_.process = fields.int32();
      cancel_key_.key = fields.rest().substr(0, 256);
      item.request = 0;
      return;
    }
    case 'S':
      item.request = 0;
      return take_parameter(frame.body());
    case 'N':
      if (!awaited_.empty()) awaited_.front().note(read_server_message(frame.body()));
      return;
    case 'E':
      return take_error(frame, item);
    case 'Z':
      return take_ready(frame.body(), item);
    default:
      return take_answer(frame, item);
  }
}

void ServerStream::take_parameter(std::string_view body) {
  Fields fields(body);
  const auto name = fields.text();
  const auto value = fields.text();
  if (!fields.ok() || name.size() + value.size() > server_text_max) return;
  const auto found = parameters_.find(std::string(name));
  if (found != parameters_.end())
    found->second = value;
  else if (parameters_.size() < parameters_max)
    parameters_.emplace(name, value);
}

void ServerStream::take_answer(const Frame& frame, ServerItem& item) {
  if (awaited_.empty()) return;
  if (frame.type == 'T') take_row_description(frame, item);
  awaited_.front().take(frame.type, frame.body());
  settle(item);
}

void ServerStream::settle(ServerItem& item) {
  while (!awaited_.empty() && !awaited_.front().gives_ready() && awaited_.front().all_answered()) {
    item.replies.push_back(awaited_.front().reply(Reply::End::done, std::nullopt));
    awaited_.pop_front();
  }
}

void ServerStream::take_row_description(const Frame& frame, ServerItem& item) {
  const auto& statement = awaited_.front().statement();
  if (!statement || !statement->sent_as || statement->sent_as->columns.empty()) return;
  if (!frame.whole()) return;
  changed_ = columns_for_original(frame.body(), *statement->sent_as);
  item.bytes = changed_;
}

void ServerStream::take_error(const Frame& frame, ServerItem& item) {
  auto error = read_server_message(frame.body());
  if (awaited_.empty() || awaited_.front().is_copy_sync()) {
    item.error = std::move(error);
    return;
  }
  auto& front = awaited_.front();
  const auto statement = front.statement();
  if (statement && statement->sent_as && error.position > 0) {
    error.position = sql::original_position(statement->sql, *statement->sent_as, error.position);
    if (frame.whole()) {
      changed_ = error_for_original(frame.body(), statement->sql, *statement->sent_as);
      item.bytes = changed_;
    }
  }
  front.fail(std::move(error));
  if (front.gives_ready()) return;
  item.replies.push_back(front.reply(Reply::End::failed, std::nullopt));
  awaited_.pop_front();
  skipping_ = true;
  skip(item.replies);
}

/// Ends what the server will pass over: everything up to the batch that brings a Sync.
void ServerStream::skip(std::vector<Reply>& replies) {
  const auto brings_sync = [](const Awaited& awaited) {
    return awaited.is_copy_sync() || (awaited.is_batch() && awaited.gives_ready());
  };
  while (!awaited_.empty() && !brings_sync(awaited_.front())) {
    replies.push_back(awaited_.front().reply(Reply::End::skipped, std::nullopt));
    awaited_.pop_front();
  }
}

void ServerStream::take_ready(std::string_view body, ServerItem& item) {
  const char told = static_cast<char>(Fields(body).byte());
  if (told == 'I' || told == 'T' || told == 'E') status_ = static_cast<TransactionStatus>(told);
  item.first_ready = !ready_;
  ready_ = true;
  skipping_ = false;
  while (!awaited_.empty()) {
    auto front = std::move(awaited_.front());
    awaited_.pop_front();
    if (front.is_copy_sync()) break;
    const bool ready = front.gives_ready();
    const bool passed_over = front.is_batch() && !front.all_answered();
    if (front.ignored_its_sync() && !awaited_.empty() && awaited_.front().is_copy_sync())
      awaited_.pop_front();
    item.replies.push_back(front.reply(passed_over ? Reply::End::skipped : Reply::End::done,
                                       ready ? std::optional(status_) : std::nullopt));
    if (ready) break;
  }
  settle(item);
}

}  // namespace gauntlet::wire
