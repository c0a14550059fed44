#include "harness/gate/gated_session.h"

#include <utility>

namespace gauntlet::gate {

namespace {

using core::Reply;
using core::Ruling;
using core::Step;

constexpr std::size_t value_bytes_max = 200;

core::StatementReply reply_of(const runner::Result& result) {
  core::StatementReply reply{.tag = result.tag, .rows = result.rows.size()};
  if (!result.rows.empty() && !result.rows.front().empty() && result.rows.front().front()) {
    reply.value = result.rows.front().front()->substr(0, value_bytes_max);
  }
  return reply;
}

runner::SqlError lost(const std::string& message) {
  return {runner::ServerMessage{.message = message}, 0};
}

/// A session without a connection, in the place of one that was lost.
class LostSession : public runner::Session {
 public:
  explicit LostSession(const runner::Session& lost)
      : engine_(lost.engine()), dialect_(lost.dialect()), backend_pid_(lost.backend_pid()) {}

  runner::Engine engine() const override { return engine_; }
  const runner::SqlDialect& dialect() const override { return dialect_; }
  std::vector<runner::Result> send(std::string_view) override { throw lost(words); }
  runner::Result query(std::string_view, const std::vector<std::optional<std::string>>&) override {
    throw lost(words);
  }
  runner::TransactionStatus transaction_status() const override {
    return runner::TransactionStatus::unknown;
  }
  int backend_pid() const override { return backend_pid_; }
  std::optional<std::string> wait_for_notification(std::chrono::milliseconds, int) override {
    throw lost(words);
  }
  // Nothing is sent any more; what is quoted ends in a message that is not.
  std::string literal(std::string_view text) const override { return quoted(text, '\''); }
  std::string identifier(std::string_view name) const override { return quoted(name, '"'); }

 private:
  static constexpr const char* words = "the connection was closed";

  static std::string quoted(std::string_view text, char mark) {
    std::string made(1, mark);
    for (const char character : text) made += std::string(character == mark ? 2 : 1, character);
    return made + mark;
  }

  runner::Engine engine_;
  const runner::SqlDialect& dialect_;
  int backend_pid_;
};

class GatedSession : public runner::Session {
 public:
  GatedSession(std::unique_ptr<runner::Session> session, const Doorway& doorway, core::SessionId id)
      : session_(std::move(session)), doorway_(doorway), id_(id) {
    doorway_.recorder.note({.kind = core::Event::Kind::opened,
                            .replica = id_.replica,
                            .session = id_.number,
                            .backend_pid = session_->backend_pid()});
  }
  ~GatedSession() override { close(); }
  GatedSession(const GatedSession&) = delete;
  GatedSession& operator=(const GatedSession&) = delete;

  runner::Engine engine() const override { return session_->engine(); }
  const runner::SqlDialect& dialect() const override { return session_->dialect(); }

  std::vector<runner::Result> send(std::string_view message) override {
    const Step step{.kind = Step::Kind::message, .sql = std::string(message)};
    return pass(step, [this](const std::string& sql) { return session_->send(sql); });
  }

  runner::Result query(std::string_view statement,
                       const std::vector<std::optional<std::string>>& parameters) override {
    const Step step{
        .kind = Step::Kind::query, .sql = std::string(statement), .parameters = parameters};
    return pass(step,
                [&](const std::string& sql) {
                  return std::vector{session_->query(sql, parameters)};
                })
        .front();
  }

  runner::TransactionStatus transaction_status() const override {
    return session_->transaction_status();
  }
  void on_notice(OnNotice told) override { session_->on_notice(std::move(told)); }
  void interrupt_with(int fd) override { session_->interrupt_with(fd); }
  runner::StatementLimits limit(const runner::StatementLimits& limits) override {
    return session_->limit(limits);
  }
  int backend_pid() const override { return session_->backend_pid(); }

  std::optional<std::string> wait_for_notification(std::chrono::milliseconds patience,
                                                   int interrupt_fd) override {
    std::optional<std::string> payload;
    pass({.kind = Step::Kind::wait}, [&](const std::string&) {
      payload = session_->wait_for_notification(patience, interrupt_fd);
      runner::Result told{.columns = {}, .rows = {}, .tag = "TIMEOUT"};
      if (payload) told = {.columns = {"payload"}, .rows = {{payload}}, .tag = "NOTIFICATION"};
      return std::vector{std::move(told)};
    });
    return payload;
  }

  std::string literal(std::string_view text) const override { return session_->literal(text); }
  std::string identifier(std::string_view name) const override {
    return session_->identifier(name);
  }

 private:
  template <typename Cross>
  std::vector<runner::Result> pass(Step step, const Cross& cross) {
    step.session = id_;
    step.index = steps_++;
    const std::size_t number = doorway_.recorder.asked(step);
    const Ruling ruling = doorway_.gate.at(step, doorway_.patience);
    doorway_.recorder.let_go(number, ruling);
    refuse_to_cross(ruling, number);
    if (ruling.what == Ruling::What::answer) return answer(ruling, number);
    const auto told = [&](Reply reply) {
      reply.in_transaction = session_->transaction_status() != runner::TransactionStatus::idle;
      doorway_.gate.after(step, reply);
      doorway_.recorder.answered(number, std::move(reply));
    };
    std::vector<runner::Result> results;
    try {
      results = cross(ruling.what == Ruling::What::rewrite ? ruling.text : step.sql);
    } catch (const runner::SqlError& error) {
      told({.ending = error.connection_lost() ? Reply::Ending::lost : Reply::Ending::refused,
            .sqlstate = error.said().sqlstate,
            .message = error.said().message});
      suffer(ruling);
      throw;
    } catch (const runner::Error& error) {
      told({.ending = Reply::Ending::refused, .message = error.message()});
      throw;
    }
    Reply reply;
    for (const runner::Result& result : results) reply.statements.push_back(reply_of(result));
    if (ruling.what == Ruling::What::lose_after) reply = {.ending = Reply::Ending::lost};
    told(std::move(reply));
    suffer(ruling);
    return results;
  }

  void refuse_to_cross(const Ruling& ruling, std::size_t number) {
    switch (ruling.what) {
      case Ruling::What::refuse:
        doorway_.recorder.answered(number, {.ending = Reply::Ending::refused,
                                            .sqlstate = ruling.sqlstate,
                                            .message = ruling.text});
        throw runner::SqlError(
            runner::ServerMessage{.sqlstate = ruling.sqlstate, .message = ruling.text}, 0);
      case Ruling::What::lose_before:
        close();
        throw lost("the connection was cut before anything was sent");
      case Ruling::What::die_before:
        die();
      case Ruling::What::proceed:
      case Ruling::What::rewrite:
      case Ruling::What::answer:
      case Ruling::What::lose_after:
      case Ruling::What::die_after:
        return;
    }
  }

  std::vector<runner::Result> answer(const Ruling& ruling, std::size_t number) const {
    const auto status = session_->transaction_status();
    doorway_.recorder.answered(number,
                               {.statements = {{.tag = ruling.text}},
                                .in_transaction = status != runner::TransactionStatus::idle});
    return {{.columns = {}, .rows = {}, .tag = ruling.text}};
  }

  // What the ruling says happens once the step was executed.
  void suffer(const Ruling& ruling) {
    if (ruling.what == Ruling::What::die_after) die();
    if (ruling.what != Ruling::What::lose_after) return;
    close();
    throw lost("the connection was cut before the reply was seen");
  }

  [[noreturn]] void die() {
    close();
    throw ReplicaDied{};
  }

  void close() {
    if (closed_) return;
    closed_ = true;
    session_ = std::make_unique<LostSession>(*session_);
    doorway_.recorder.note(
        {.kind = core::Event::Kind::closed, .replica = id_.replica, .session = id_.number});
  }

  std::unique_ptr<runner::Session> session_;
  const Doorway& doorway_;
  core::SessionId id_;
  std::size_t steps_ = 0;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<runner::Session> gated(std::unique_ptr<runner::Session> session,
                                       const Doorway& doorway, core::SessionId id) {
  return std::make_unique<GatedSession>(std::move(session), doorway, id);
}

std::unique_ptr<runner::Session> GatedSource::acquire(std::chrono::milliseconds patience) {
  return gated(sessions_.acquire(patience), doorway_,
               {.replica = replica_, .number = next_.fetch_add(1)});
}

}  // namespace gauntlet::gate
