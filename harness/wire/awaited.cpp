#include "harness/wire/awaited.h"

#include "harness/wire/fields.h"
#include "harness/wire/server_message.h"

#include <utility>

namespace gauntlet::wire {
namespace {

using Kind = Message::Kind;

/// Rows longer than this are counted and not read: a value that matters to a schedule is small.
constexpr std::size_t read_row_max = 4096;

/// Which reply ends a message of this kind, its ErrorResponse aside.
std::string_view ends(Kind kind) {
  switch (kind) {
    case Kind::parse:
      return "1";
    case Kind::bind:
      return "2";
    case Kind::close:
      return "3";
    case Kind::describe_statement:
    case Kind::describe_portal:
      return "Tn";
    case Kind::execute:
      return "CIs";
    case Kind::function_call:
      return "V";
    case Kind::query:  // it has as many statements as it likes: ReadyForQuery ends it
    case Kind::unreadable:
      return "";
  }
  return "";
}

}  // namespace

Awaited::Awaited(const Request& request)
    : batch_(request.kind == Request::Kind::batch), gives_ready_(request.gives_ready()) {
  reply_.request = request.id;
  messages_.reserve(request.messages.size());
  for (const auto& message : request.messages)
    messages_.push_back({message.kind, message.statement});
}

Awaited Awaited::copy_sync() {
  Awaited result;
  result.copy_sync_ = true;
  return result;
}

const std::shared_ptr<Statement>& Awaited::statement() const noexcept {
  static const std::shared_ptr<Statement> none;
  return all_answered() ? none : messages_[at_].statement;
}

void Awaited::take(char type, std::string_view body) {
  if (type == 'T') current_.columns = read_columns(body);
  if (type == 'D') {
    ++current_.rows;
    if (current_.first_rows.size() < first_rows_max && body.size() <= read_row_max)
      current_.first_rows.push_back(read_row(body));
  }
  if (type == 'G') copied_in_ = true;
  const bool completes = type == 'C' || type == 'I' || type == 's' || type == 'V';
  if (completes) complete(type, body);
  if (!all_answered() && ends(messages_[at_].kind).find(type) != std::string_view::npos) ++at_;
}

void Awaited::complete(char type, std::string_view body) {
  if (type == 'C') current_.tag = Fields(body).text().substr(0, server_text_max);
  current_.suspended = type == 's';
  ++reply_.completed;
  if (reply_.results.size() < results_max) reply_.results.push_back(std::move(current_));
  current_ = {};
}

void Awaited::fail(ServerMessage error) {
  if (reply_.error) return;
  reply_.error = std::move(error);
  reply_.failing = statement();
}

void Awaited::note(ServerMessage notice) {
  if (reply_.notices.size() < notices_max) reply_.notices.push_back(std::move(notice));
}

Reply Awaited::reply(Reply::End end, std::optional<TransactionStatus> status) {
  reply_.end = reply_.error ? Reply::End::failed : end;
  reply_.status = status;
  return std::move(reply_);
}

}  // namespace gauntlet::wire
