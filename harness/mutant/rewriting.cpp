#include "harness/mutant/rewriting.h"

#include <atomic>
#include <chrono>
#include <regex>
#include <utility>

namespace gauntlet::mutant {

namespace {

std::atomic<long> messages_seen{0}, messages_changed{0};

class Saying : public runner::ForwardingSession {
 public:
  Saying(std::unique_ptr<runner::Session> session, Rewrite rewrite)
      : ForwardingSession(std::move(session)), rewrite_(std::move(rewrite)) {}
  std::vector<runner::Result> send(std::string_view message) override {
    const std::string rewritten = rewrite_(std::string(message));
    ++messages_seen;
    if (rewritten != message) ++messages_changed;
    return ForwardingSession::send(rewritten);
  }

 private:
  Rewrite rewrite_;
};

class Told : public runner::ForwardingSession {
 public:
  Told(std::unique_ptr<runner::Session> session, Retell retell)
      : ForwardingSession(std::move(session)), retell_(std::move(retell)) {}
  std::vector<runner::Result> send(std::string_view message) override {
    std::vector<runner::Result> results = ForwardingSession::send(message);
    retell_(std::string(message), results);
    return results;
  }

 private:
  Retell retell_;
};

class Deaf : public runner::ForwardingSession {
 public:
  explicit Deaf(std::unique_ptr<runner::Session> session) : ForwardingSession(std::move(session)) {}
  std::optional<std::string> wait_for_notification(std::chrono::milliseconds patience,
                                                   int interrupt_fd) override {
    auto payload = ForwardingSession::wait_for_notification(patience, interrupt_fd);
    if (payload) payload->clear();
    return payload;
  }
};

class Sending : public runner::ForwardingSession {
 public:
  /// `inner` is what `session` owns.
  Sending(runner::Session& inner, std::unique_ptr<runner::Session> session, Send send)
      : ForwardingSession(std::move(session)), inner_(inner), send_(std::move(send)) {}
  std::vector<runner::Result> send(std::string_view message) override {
    return send_(inner_, std::string(message));
  }

 private:
  runner::Session& inner_;
  Send send_;
};

}  // namespace

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
  runner::Session& inner = *session;
  return std::make_unique<Sending>(inner, std::move(session), std::move(send));
}

std::string replaced(const std::string& text, const char* pattern, const char* by) {
  return std::regex_replace(text, std::regex(pattern), by);
}

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

bool tries_lock(const std::string& message) { return has(message, "pg_try_advisory_lock"); }

// The statement that tries is the second of its message; its row says whether the lock was given.
void tell_that_it_has(std::vector<runner::Result>& results) {
  if (results.size() < 2) return;
  for (auto& row : results[1].rows) row.front() = "true";
}

std::string without_proof(const std::string& message) { return replaced(message, proof, "1"); }

std::string without_lock(const std::string& message) {
  return without_proof(replaced(message, try_lock, "'true'"));
}

std::optional<BodyAndRecord> body_and_record(const std::string& message) {
  constexpr const char* record = "\n;\nRESET SESSION AUTHORIZATION;";
  const std::size_t end = message.rfind(record);
  if (!message.starts_with("BEGIN") || end == std::string::npos) return std::nullopt;
  return BodyAndRecord{.body = message.substr(0, end + 3), .record = message.substr(end + 3)};
}

}  // namespace gauntlet::mutant
