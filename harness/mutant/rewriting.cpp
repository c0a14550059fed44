#include "harness/mutant/rewriting.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

namespace gauntlet::mutant {

namespace {

std::atomic<long> messages_seen{0}, messages_changed{0};

class Saying : public SessionOfMutant {
 public:
  Saying(std::unique_ptr<runner::Session> session, Rewrite rewrite)
      : SessionOfMutant(std::move(session)), rewrite_(std::move(rewrite)) {}
  Results send_message(const Message& message) override {
    Message rewritten = message;
    rewrite_(rewritten);
    const std::string text = rewritten.text();
    ++messages_seen;
    if (text != message.text()) ++messages_changed;
    if (text.empty() && !message.before.empty()) return {};
    return SessionOfMutant::send_message(rewritten);
  }

 private:
  Rewrite rewrite_;
};

class Told : public SessionOfMutant {
 public:
  Told(std::unique_ptr<runner::Session> session, Retell retell)
      : SessionOfMutant(std::move(session)), retell_(std::move(retell)) {}
  Results send_message(const Message& message) override {
    Results results = SessionOfMutant::send_message(message);
    retell_(message, results);
    return results;
  }

 private:
  Retell retell_;
};

class Deaf : public SessionOfMutant {
 public:
  explicit Deaf(std::unique_ptr<runner::Session> session) : SessionOfMutant(std::move(session)) {}
  std::optional<std::string> wait_for_notification(std::chrono::milliseconds patience,
                                                   int interrupt_fd) override {
    auto payload = SessionOfMutant::wait_for_notification(patience, interrupt_fd);
    if (payload) payload->clear();
    return payload;
  }
};

class Sending : public SessionOfMutant {
 public:
  Sending(std::unique_ptr<runner::Session> session, Send send)
      : SessionOfMutant(std::move(session)), send_(std::move(send)) {}
  Results send_message(const Message& message) override { return send_(inner(), message); }

 private:
  Send send_;
};

void prove_nothing(std::string& sql) { sql = "SELECT 1"; }

}  // namespace

Results SessionOfMutant::send(std::string_view text) {
  return send_message({.before = {}, .body = text, .after = {}});
}

std::unique_ptr<runner::Session> saying(std::unique_ptr<runner::Session> session, Rewrite rewrite) {
  return std::make_unique<Saying>(std::move(session), std::move(rewrite));
}

Rewritten rewritten() { return {.seen = messages_seen, .changed = messages_changed}; }

std::unique_ptr<runner::Session> told(std::unique_ptr<runner::Session> session, Retell retell) {
  return std::make_unique<Told>(std::move(session), std::move(retell));
}

std::unique_ptr<runner::Session> deaf(std::unique_ptr<runner::Session> session) {
  return std::make_unique<Deaf>(std::move(session));
}

std::unique_ptr<runner::Session> sending(std::unique_ptr<runner::Session> session, Send send) {
  return std::make_unique<Sending>(std::move(session), std::move(send));
}

bool has(const Message& message, Purpose purpose) {
  const auto is_for = [purpose](const runner::OwnStatement& own) { return own.purpose == purpose; };
  return std::ranges::any_of(message.before, is_for) || std::ranges::any_of(message.after, is_for);
}

void change_each(Message& message, Purpose purpose,
                 const std::function<void(std::string& sql)>& change) {
  for (auto* statements : {&message.before, &message.after}) {
    for (runner::OwnStatement& own : *statements) {
      if (own.purpose == purpose) change(own.sql);
    }
  }
}

void remove(Message& message, Purpose purpose) {
  for (auto* statements : {&message.before, &message.after}) {
    std::erase_if(*statements, [purpose](const auto& own) { return own.purpose == purpose; });
  }
}

runner::Result* result_for(const Message& message, Purpose purpose, Results& results) {
  for (std::size_t index = 0; index < std::min(message.before.size(), results.size()); ++index) {
    if (message.before[index].purpose == purpose) return &results[index];
  }
  return nullptr;
}

void replace_first(std::string& sql, std::string_view part, std::string_view by) {
  const std::size_t at = sql.find(part);
  if (at != std::string::npos) sql.replace(at, part.size(), by);
}

void tell_that_it_has(const Message& message, Results& results) {
  runner::Result* const tried = result_for(message, Purpose::take, results);
  if (tried == nullptr) return;
  for (auto& row : tried->rows) row.front() = "true";
}

void try_lock_always(Message& message) {
  change_each(message, Purpose::take, [](std::string& sql) {
    sql.replace(sql.find(" WHERE "), sql.size(), " WHERE true");
  });
}

void drop_proof(Message& message) {
  change_each(message, Purpose::proof, prove_nothing);
  // Where a transaction takes the lock, that it has it is proved at once.
  change_each(message, Purpose::turn, [](std::string& sql) {
    if (!sql.empty() && !sql.starts_with("BEGIN")) prove_nothing(sql);
  });
}

void drop_lock(Message& message) {
  drop_proof(message);
  change_each(message, Purpose::take,
              [](std::string& sql) { sql.replace(0, sql.find(" WHERE "), "SELECT 'true'"); });
}

std::optional<BodyAndRecord> body_and_record(const Message& message) {
  const bool is_both = has(message, Purpose::begin) && !message.body.empty() &&
                       has(message, Purpose::record) && has(message, Purpose::commit);
  if (!is_both) return std::nullopt;
  BodyAndRecord parts;
  parts.body = {
      .before = message.before, .body = message.body, .after = {{Purpose::commit, "COMMIT"}}};
  parts.record = runner::message_of(Purpose::begin, "BEGIN");
  parts.record.after = message.after;
  return parts;
}

}  // namespace gauntlet::mutant
