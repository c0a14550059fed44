#include "runner/apply/lock_retry.h"

#include "runner/apply/apply_one.h"
#include "runner/values/table_locks.h"

#include <algorithm>
#include <chrono>
#include <random>

#include <fmt/format.h>
#include <poll.h>

namespace gauntlet::runner {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds pause_step{100}, pause_max{1'000};

// Grows with each attempt; half of it is random, so that runners on several databases of one server
// do not march in step.
milliseconds pause_after(int attempt) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  const milliseconds longest = std::min(pause_step * attempt, pause_max);
  std::uniform_int_distribution<milliseconds::rep> any(longest.count() / 2, longest.count());
  return milliseconds(any(random));
}

class Retries {
 public:
  Retries(const Applying& applying, const Task& task)
      : applying_(applying),
        session_(applying.session),
        dialect_(applying.session.dialect()),
        limits_(applying.turn.options().lock_retries),
        task_(task) {}

  void run() {
    Applying applying = applying_;
    for (int attempt = 1;; ++attempt) {
      try {
        return apply_one(applying, task_);
      } catch (const SqlError& error) {
        if (!is_retried(error)) throw;
        const std::string holders = holders_of_tables(session_, task_.sql());
        const milliseconds pause = pause_after(attempt);
        if (attempt > limits_.times || waited() + pause >= limits_.within) {
          throw spent(error, attempt, holders);
        }
        report(attempt, pause, holders);
        wait(pause);
        applying.hook = {};
      }
    }
  }

 private:
  bool is_retried(const SqlError& error) const {
    return task_.delivery == Delivery::in_transaction && !task_.code() && limits_.times > 0 &&
           !error.connection_lost() && dialect_.kind_of(error) == ErrorKind::lock_timeout;
  }

  milliseconds waited() const {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start_);
  }

  void report(int attempt, milliseconds pause, const std::string& holders) const {
    const Migration& migration = *task_.migration;
    applying_.turn.tell(LockRetried{.version = migration.version,
                                    .name = migration.name,
                                    .attempt = attempt,
                                    .attempts_max = limits_.times + 1,
                                    .pause = pause,
                                    .holders = holders});
  }

  void wait(milliseconds pause) const {
    pollfd polled{applying_.turn.options().interrupt_fd, POLLIN, 0};
    poll(&polled, 1, static_cast<int>(pause.count()));
    applying_.turn.refuse_if_interrupted(task_.name() +
                                         " waited for a lock; nothing of it remains");
  }

  SqlError spent(const SqlError& error, int attempts, const std::string& holders) const {
    const std::string where = holders.empty() ? "" : "\n         held by: " + holders;
    return {Error(error.code(),
                  fmt::format("{} (attempt {} in {:.0f} s)", error.message(), attempts,
                              std::chrono::duration<double>(waited()).count()),
                  error.where() + where, error.fix()),
            error.said(), error.statements_completed()};
  }

  const Applying& applying_;
  Session& session_;
  const SqlDialect& dialect_;
  const LockRetries& limits_;
  const Task& task_;
  steady_clock::time_point start_ = steady_clock::now();
};

}  // namespace

void apply_with_retries(const Applying& applying, const Task& task) {
  const ReportedNotices reported(applying, task);
  Retries(applying, task).run();
}

}  // namespace gauntlet::runner
