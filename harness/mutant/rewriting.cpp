#include "harness/mutant/rewriting.h"

#include <regex>
#include <utility>

namespace gauntlet::mutant {

namespace {

class Saying : public runner::ForwardingSession {
 public:
  Saying(std::unique_ptr<runner::Session> session, Rewrite rewrite)
      : ForwardingSession(std::move(session)), rewrite_(std::move(rewrite)) {}
  std::vector<runner::Result> send(std::string_view message) override {
    return ForwardingSession::send(rewrite_(std::string(message)));
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

}  // namespace

std::unique_ptr<runner::Session> saying(std::unique_ptr<runner::Session> session, Rewrite rewrite) {
  return std::make_unique<Saying>(std::move(session), std::move(rewrite));
}

std::unique_ptr<runner::Session> told(std::unique_ptr<runner::Session> session, Retell retell) {
  return std::make_unique<Told>(std::move(session), std::move(retell));
}

std::string replaced(const std::string& text, const char* pattern, const char* by) {
  return std::regex_replace(text, std::regex(pattern), by);
}

}  // namespace gauntlet::mutant
