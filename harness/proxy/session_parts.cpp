// A batch whose statements run one by one, as if the client had sent a Sync after each.
#include "harness/proxy/session.h"
#include "harness/proxy/step_of.h"
#include "harness/sql/control.h"
#include "harness/wire/encode.h"
#include "harness/wire/parts.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gauntlet::proxy {

bool Session::runs_in_parts(const Asked& asked, const core::Ruling& ruling) {
  return ruling.separately && asked.request.kind == wire::Request::Kind::batch &&
         asked.request.end == wire::Request::End::sync;
}

void Session::run_in_parts(Asked asked) {
  std::vector<wire::Request> all = wire::parts_of(asked.request);
  parts_.emplace(
      Parts{.step = std::move(asked.step),
            .request = asked.request.id,
            .number = asked.number,
            .left = {std::make_move_iterator(all.begin()), std::make_move_iterator(all.end())}});
  go_on_in_parts();
}

/// The next part, once the server has answered all that it was sent.
void Session::go_on_in_parts() {
  if (!parts_ || parts_->is_running || answers_.awaited() > 0) return;
  while (!parts_->left.empty() && parts_->reply.ending == core::Reply::Ending::answered) {
    wire::Request part = std::move(parts_->left.front());
    parts_->left.pop_front();
    const wire::Statement* executed = wire::executed_by(part);
    const auto tag = executed == nullptr ? std::nullopt : sql::control_tag(executed->sql);
    if (!tag) return run_part(part);
    part.end = wire::Request::End::flush;  // its ReadyForQuery comes after the last
    client_.send(wire::success(part, *tag, answers_.status()));
    is_forged_open_ = *tag == "BEGIN";
    parts_->reply.statements.push_back({.tag = *tag});
  }
  end_parts();
}

void Session::run_part(const wire::Request& part) {
  parts_->is_running = true;
  give_server(part.bytes);
  answers_.expect(part);
  server_.flush();
}

/// What the server says to a part: the client gets all of it but the ReadyForQuery.
void Session::take_of_part(const wire::ServerItem& item) {
  if (item.type != 'Z') client_.send(item.bytes);
  for (const wire::Reply& reply : item.replies) {
    core::Reply told = reply_of(reply, answers_.status());
    core::Reply& whole = parts_->reply;
    std::ranges::move(told.statements, std::back_inserter(whole.statements));
    whole.ending = told.ending;
    whole.sqlstate = std::move(told.sqlstate);
    whole.message = std::move(told.message);
  }
  if (item.type == 'Z') parts_->is_running = false;
}

/// Nobody will see their end.
void Session::lose_parts() {
  if (!parts_) return;
  const Parts lost = *std::exchange(parts_, std::nullopt);
  const core::Reply reply{.ending = core::Reply::Ending::lost};
  ground_.recorder.answered(lost.number, reply);
  ground_.gate.after(lost.step, reply);
}

void Session::end_parts() {
  Parts ended = *std::exchange(parts_, std::nullopt);
  const auto status = told_status(answers_.status());
  ended.reply.in_transaction = status != wire::TransactionStatus::idle;
  ground_.recorder.answered(ended.number, ended.reply);
  ground_.gate.after(ended.step, ended.reply);
  client_.send(wire::ready_for_query(status));
  client_.flush();
}

}  // namespace gauntlet::proxy
