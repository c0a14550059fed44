#include "runner/turn/waiter.h"

#include "runner/turn/applied_notice.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// When a waiter first says for whom it waits, and how often it says so again.
constexpr seconds first_word_after{1};
constexpr seconds next_word_after{5};

void heed_failure(const std::string& payload, const std::vector<Migration>& ours) {
  const auto notice = FailureNotice::parse(payload);
  if (!notice) return;
  const auto mine = std::ranges::find(ours, notice->version, &Migration::version);
  if (mine == ours.end() || mine->checksum().value_or("") != notice->checksum) return;
  throw Error("failed-elsewhere",
              fmt::format("migration {} has just failed in another replica{}", to_string(*mine),
                          notice->replica.empty() ? "" : ", " + notice->replica),
              mine->where(),
              "see that replica's output; to let each replica try for itself: --retry-failed");
}

}  // namespace

Waiter::Waiter(Session& session, const Lock& lock, const RunOptions& options,
               const Observer& observer)
    : session_(session),
      lock_(lock),
      options_(options),
      observer_(observer),
      start_(steady_clock::now()),
      next_word_(start_ + first_word_after),
      fallback_(static_cast<std::uint32_t>(session.backend_pid()),
                lock.mode() == LockMode::notify ? Fallback::Told::by_notification
                                                : Fallback::Told::by_nobody) {}

Waiter::Told Waiter::wait(const std::vector<Migration>& ours) {
  say_for_whom();
  milliseconds patience = fallback_.next(waited());
  if (options_.lock_wait_max.count() > 0) {
    const milliseconds left = options_.lock_wait_max - waited();
    if (left.count() <= 0) throw timed_out();
    patience = std::min(patience, left);
  }
  const auto payload = session_.wait_for_notification(patience, options_.interrupt_fd);
  if (payload && says_that_all_is_applied(*payload, lock_.table(), ours)) {
    return Told::that_all_is_applied;
  }
  if (payload && !options_.retry_failed) heed_failure(*payload, ours);
  return Told::to_try_again;
}

void Waiter::heed_what_was_told(const std::vector<Migration>& ours) {
  while (const auto payload = session_.wait_for_notification(milliseconds(0), -1)) {
    if (!options_.retry_failed) heed_failure(*payload, ours);
  }
}

void Waiter::say_for_whom() {
  if (!observer_ || steady_clock::now() < next_word_) return;
  next_word_ = steady_clock::now() + next_word_after;
  const std::string holder = lock_.holder_text();
  if (!holder.empty()) observer_(Waiting{holder, waited()});
}

milliseconds Waiter::waited() const {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start_);
}

Error Waiter::timed_out() const {
  const std::string holder = lock_.holder_text();
  return {"lock-timeout",
          fmt::format("another runner held the migration lock for {} ms", waited().count()),
          !holder.empty() ? "held by " + holder : "nobody holds it any more",
          "wait for that runner or end it; --wait sets how long to wait, 0 for ever"};
}

}  // namespace gauntlet::runner
