// What the client says, what the gate rules, and what the server answers.
#include "harness/proxy/session.h"

#include "harness/proxy/step_of.h"
#include "harness/wire/encode.h"

#include <utility>
#include <variant>

#include <fmt/format.h>

namespace gauntlet::proxy {
namespace {

using core::Reply;
using core::Ruling;
using wire::ClientItem;

constexpr std::size_t reports_max = 1'000;
/// More than this is not said to nobody: the connection is closed, as the client's would have been.
constexpr std::size_t drained_max = 1U << 20U;

/// The user and the settings that a start-up packet asks for.
std::string settings_of(const wire::Startup& startup) {
  std::string text;
  for (const auto& [name, value] : startup.parameters) {
    const bool is_setting = name != "database" && name != "replication" &&
                            name != "application_name" && name != "client_encoding" &&
                            !name.starts_with("_pq_.");
    if (!is_setting) continue;
    if (!text.empty()) text += '\n';
    text += fmt::format("{}={}", name, value);
  }
  return text;
}

}  // namespace

void Ground::report(std::string text) {
  if (++reports < reports_max) return recorder.note(std::move(text));
  if (reports == reports_max) recorder.note("more of the kind is not told");
}

Session::Session(Ground& ground, std::uint64_t key, std::size_t replica, process::Fd client)
    : ground_(ground),
      key_(key),
      client_(ground.poller, key),
      server_(ground.poller, key + 1),
      asks_(ground.options.wire),
      answers_(ground.options.wire) {
  id_.replica = replica;
  client_.open(std::move(client));
  deadline_ = in(ground.options.startup_patience);
  settle();
}

Session::Session(Ground& ground, std::uint64_t key, const wire::CancelRequest& cancel)
    : ground_(ground),
      key_(key),
      client_(ground.poller, key),
      server_(ground.poller, key + 1),
      cancels_(true) {
  connect();
  server_.send(wire::cancel_request(cancel));
  settle();
}

Session::~Session() {
  if (!pooled_startup_.empty()) ground_.lent.erase(client_key_.process);
  if (started_) ground_.gate.closed(id_);
  if (opened_)
    ground_.recorder.note(
        {.kind = core::Event::Kind::closed, .replica = id_.replica, .session = id_.number});
}

std::string Session::name() const {
  if (!started_) return fmt::format("a connection of replica {}", id_.replica);
  return fmt::format("session {} of replica {}", id_.number, id_.replica);
}

void Session::client_is(const Poller::Ready& ready) {
  if (ready.writable) client_.flush();
  const bool readable = ready.readable || ready.hung_up;
  if (readable && ending_) {
    while (!client_.receive(ground_.buffer).empty()) {
    }
    if (client_.ended()) client_.close();
  } else if (readable && is_stalled()) {
    // It is not read, and has gone: whoever dies at the gate does not cross.
    if (ready.hung_up) abandon(ground_.options.orphan_patience);
  } else if (readable && server_.unsent() >= ground_.options.unsent_max) {
    if (ready.hung_up) client_.hung_up();
  } else if (readable) {
    hear_client();
  }
  settle();
}

void Session::server_is(const Poller::Ready& ready) {
  if (connecting_) {
    connecting_ = false;
    if (const int why = connect_error(server_.fd()); why != 0) connect_failed(why);
  }
  if (ready.writable) {
    server_.flush();
    if (!is_stalled()) hear_client();
  }
  if (ready.readable || ready.hung_up) {
    if (client_.unsent() < ground_.options.unsent_max)
      hear_server();
    else if (ready.hung_up)
      server_.hung_up();
  }
  settle();
}

/// Watches for what can go on now, and ends what is over.
void Session::settle() {
  if (client_.ended() && !is_stalled()) abandon(ground_.options.orphan_patience);
  if (server_.ended()) server_gone();
  const std::size_t most = ground_.options.unsent_max;
  client_.watch(ending_ || (!is_stalled() && server_.unsent() < most), is_stalled());
  server_.watch(client_.unsent() < most, false);
}

// ---- What the client says ----

void Session::hear_client() {
  while (!is_stalled() && server_.unsent() < ground_.options.unsent_max) {
    const auto bytes = client_.receive(ground_.buffer);
    if (bytes.empty()) break;
    asks_.push(bytes);
    serve();
    if (bytes.size() < ground_.buffer.size()) break;
  }
  server_.flush();
}

/// Takes what was heard, up to a step that is held.
void Session::serve() {
  while (!is_stalled()) {
    auto item = asks_.next();
    if (!item) break;
    take(std::move(*item));
  }
  if (!is_stalled() && !asks_.failure().empty()) client_failed();
}

void Session::give_server(std::string_view bytes) {
  is_at_rest_ = false;
  server_.send(bytes);
}

void Session::take(ClientItem&& item) {
  if (is_without_server_) return take_without_server(std::move(item));
  switch (item.kind) {
    case ClientItem::Kind::startup:
      return take_startup(item);
    case ClientItem::Kind::request:
      return take_request(std::move(item.request));
    case ClientItem::Kind::copy_sync:
      if (!skipping_) answers_.expect_copy_sync();
      break;
    case ClientItem::Kind::opaque:
      break;
  }
  if (!skipping_) give_server(item.bytes);
}

void Session::take_startup(const ClientItem& item) {
  if (std::holds_alternative<wire::EncryptionRequest>(item.startup)) {
    client_.send(wire::encryption_refused);
    return client_.flush();
  }
  deadline_ = Clock::time_point::max();
  if (std::holds_alternative<wire::Startup>(item.startup)) {
    id_.number = ground_.numbers.at(id_.replica)++;
    started_ = true;
    startup_settings_ = settings_of(std::get<wire::Startup>(item.startup));
    ground_.gate.begins(id_);
    if (ground_.options.pooling == Options::Pooling::transaction)
      pooled_startup_ = pooled_startup(std::get<wire::Startup>(item.startup));
  } else {
    cancels_ = std::holds_alternative<wire::CancelRequest>(item.startup);
    ground_.report(name() + (cancels_ ? " asks that a statement be cancelled"
                                      : " begins with a packet that nobody knows"));
  }
  connect();
  if (!pooled_startup_.empty()) return give_server(pooled_startup_);
  const bool is_of_pool = cancels_ && ground_.options.pooling == Options::Pooling::transaction;
  if (is_of_pool)
    return give_server(
        wire::cancel_request(key_of_lent(std::get<wire::CancelRequest>(item.startup))));
  give_server(item.bytes);
}

void Session::take_request(wire::Request request) {
  if (skipping_) {
    skipping_ = !(request.kind == wire::Request::Kind::batch && request.gives_ready());
    if (skipping_) return;
    owed_ = Owed{.bytes = wire::ready_for_query(told_status(answers_.status()))};
    return pay();
  }
  auto step = step_of(request);
  if (request.kind == wire::Request::Kind::terminate && opened_) ground_.gate.leaves(id_);
  if (!step) {
    give_server(request.bytes);
    return tell(answers_.expect(request));
  }
  step->session = id_;
  step->index = steps_++;
  Asked asked{.request = std::move(request), .step = *std::move(step)};
  asked.number = ground_.recorder.asked(asked.step);
  const gate::Held held(ground_.inbox, ticket_of(key_, ++ticket_));
  const auto ruling = ground_.gate.at(asked.step, ground_.options.patience, held);
  if (ruling) return apply(std::move(asked), *ruling);
  held_ = std::move(asked);
  deadline_ = in(ground_.options.patience);
}

void Session::rule(std::uint64_t ticket, const Ruling& ruling) {
  if (!held_ || ticket != (ticket_ & ticket_bits)) return;
  deadline_ = Clock::time_point::max();
  Asked asked = *std::exchange(held_, std::nullopt);
  apply(std::move(asked), ruling);
  serve();
  if (!is_stalled()) hear_client();
  server_.flush();
  settle();
}

void Session::apply(Asked asked, const Ruling& ruling) {
  ground_.recorder.let_go(asked.number, ruling);
  switch (ruling.what) {
    case Ruling::What::proceed:
    case Ruling::What::rewrite:
      return cross(std::move(asked), ruling);
    case Ruling::What::lose_after:
    case Ruling::What::die_after:
      suffering_ = true;
      return cross(std::move(asked), ruling);
    case Ruling::What::answer:
    case Ruling::What::refuse:
      return answer(asked, ruling);
    case Ruling::What::lose_before:
      return abandon(ground_.options.orphan_patience);
    case Ruling::What::die_before:
      return die();
  }
}

void Session::cross(Asked asked, const Ruling& ruling) {
  if (runs_in_parts(asked, ruling)) return run_in_parts(std::move(asked));
  if (ruling.what == Ruling::What::rewrite && !rewrite_to(asked.request, ruling.text)) {
    const auto& messages = asked.request.messages;
    const bool elsewhere =
        !messages.empty() && messages.back().statement && messages.back().statement->sent_as;
    if (!elsewhere)
      ground_.report(fmt::format("step {} of {} went as it was: its text was sent before",
                                 asked.step.index, name()));
  }
  if (ruling.told_open) is_forged_open_ = *ruling.told_open;
  give_server(asked.request.bytes);
  const auto replies = answers_.expect(asked.request);
  crossed_.push_back({.request = asked.request.id,
                      .step = std::move(asked.step),
                      .number = asked.number,
                      .ruling = ruling.what});
  tell(replies);
}

wire::TransactionStatus Session::told_status(wire::TransactionStatus status) const {
  const bool is_forged = is_forged_open_ && status == wire::TransactionStatus::idle;
  return is_forged ? wire::TransactionStatus::open : status;
}

void Session::answer(const Asked& asked, const Ruling& ruling) {
  if (ruling.what == Ruling::What::answer && answers_.status() == wire::TransactionStatus::idle) {
    // A driver that is told that its BEGIN succeeded looks for an open transaction, also later.
    if (ruling.text == "BEGIN") is_forged_open_ = true;
    if (ruling.text == "COMMIT" || ruling.text == "ROLLBACK") is_forged_open_ = false;
  }
  const auto status = told_status(answers_.status());
  Reply reply{.in_transaction = status != wire::TransactionStatus::idle};
  std::string bytes;
  if (ruling.what == Ruling::What::answer) {
    reply.statements.push_back({.tag = ruling.text});
    bytes = wire::success(asked.request, ruling.text, status);
  } else {
    reply.ending = Reply::Ending::refused;
    reply.sqlstate = ruling.sqlstate;
    reply.message = ruling.text;
    bytes = wire::failure(asked.request,
                          {.severity = "ERROR", .sqlstate = ruling.sqlstate, .text = ruling.text},
                          status);
    skipping_ = !asked.request.gives_ready();
  }
  owed_ = Owed{.bytes = std::move(bytes), .number = asked.number, .reply = std::move(reply)};
  pay();
}

/// Says what we owe, once the server owes nothing.
void Session::pay() {
  if (!owed_ || answers_.awaited() > 0) return;
  const Owed owed = *std::exchange(owed_, std::nullopt);
  if (owed.number) ground_.recorder.answered(*owed.number, owed.reply);
  client_.send(owed.bytes);
  client_.flush();
}

void Session::die() {
  ground_.dying.push_back(id_.replica);
  abandon(ground_.options.orphan_patience);
}

// ---- What the server says ----

void Session::hear_server() {
  while (client_.unsent() < ground_.options.unsent_max) {
    const auto bytes = server_.receive(ground_.buffer);
    if (bytes.empty()) break;
    if (!client_.is_open() && (drained_ += bytes.size()) > drained_max) return give_up();
    answers_.push(bytes);
    while (auto item = answers_.next()) take(*item);
    if (!answers_.failure().empty()) return server_failed();
    client_.flush();
    if (bytes.size() < ground_.buffer.size()) break;
  }
  if (is_borrowing_ && answers_.ready()) go_on_with_server();
  pay();
  go_on_in_parts();
  lend_back();
  serve();
  server_.flush();
}

void Session::take(const wire::ServerItem& item) {
  if (is_borrowing_) return take_while_borrowing(item);
  if (item.first_ready) opened();
  is_at_rest_ = is_at_rest_ || item.type == 'Z';
  if (parts_ && item.request == parts_->request && item.request != 0) return take_of_part(item);
  if (item.error) farewell_ = fmt::format("{} {}", item.error->sqlstate, item.error->text);
  const bool unseen = !crossed_.empty() && item.request == crossed_.front().request &&
                      crossed_.front().ruling == Ruling::What::lose_after;
  const auto status = answers_.status();
  const bool is_forged = item.type == 'Z' && told_status(status) != status;
  if (!unseen) client_.send(is_forged ? wire::ready_for_query(told_status(status)) : item.bytes);
  tell(item.replies);
}

void Session::opened() {
  opened_ = true;
  client_key_ = answers_.cancel_key();
  last_backend_ = client_key_.process;
  ground_.recorder.note({.kind = core::Event::Kind::opened,
                         .replica = id_.replica,
                         .session = id_.number,
                         .backend_pid = answers_.cancel_key().process,
                         .text = startup_settings_});
  ground_.gate.opened(id_, answers_.cancel_key().process);
}

void Session::tell(const std::vector<wire::Reply>& replies) {
  for (const auto& reply : replies) tell(reply);
}

void Session::tell(const wire::Reply& reply) {
  if (crossed_.empty() || crossed_.front().request != reply.request) return;
  const Crossed crossed = std::move(crossed_.front());
  crossed_.pop_front();
  Reply told = reply_of(reply, answers_.status());
  if (crossed.ruling == Ruling::What::lose_after) told = {.ending = Reply::Ending::lost};
  ground_.recorder.answered(crossed.number, told);
  ground_.gate.after(crossed.step, told);
  if (crossed.ruling != Ruling::What::lose_after && crossed.ruling != Ruling::What::die_after)
    return;
  client_.flush();
  suffering_ = false;
  if (crossed.ruling == Ruling::What::die_after) return die();
  abandon(ground_.options.orphan_patience);
}

}  // namespace gauntlet::proxy
