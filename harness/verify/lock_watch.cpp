#include "harness/verify/lock_watch.h"

#include "runner/postgres.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

constexpr std::chrono::milliseconds interval{5};
// How often the thread looks by itself whether there is something to watch.
constexpr std::chrono::milliseconds tick{20};

std::uint32_t oid_of(const std::string& text) {
  std::uint32_t oid = 0;
  std::from_chars(text.data(), text.data() + text.size(), oid);
  return oid;
}

}  // namespace

int lock_strength(const std::string& mode) {
  constexpr std::array<std::string_view, 8> modes = {
      "AccessShareLock", "RowShareLock",          "RowExclusiveLock", "ShareUpdateExclusiveLock",
      "ShareLock",       "ShareRowExclusiveLock", "ExclusiveLock",    "AccessExclusiveLock"};
  const auto at = std::find(modes.begin(), modes.end(), mode);
  return at == modes.end() ? 0 : static_cast<int>(at - modes.begin()) + 1;
}

LockWatch::LockWatch(const arena::Address& address, int backend_pid)
    : address_(address), backend_pid_(backend_pid), thread_([this] { run(); }) {}

LockWatch::~LockWatch() {
  {
    const std::lock_guard lock(mutex_);
    state_ = State::ending;
  }
  changed_.notify_all();
  thread_.join();
}

void LockWatch::start(std::chrono::milliseconds grace) {
  {
    const std::lock_guard lock(mutex_);
    seen_.clear();
    due_ = Clock::now() + grace;
    state_ = failure_.empty() ? State::watching : State::resting;
  }
  // A file that is given grace is mostly over before it: waking the thread would cost more than it.
  if (grace < tick) changed_.notify_all();
}

SeenLocks LockWatch::stop() {
  std::unique_lock lock(mutex_);
  state_ = State::resting;
  changed_.wait(lock, [this] { return !asking_; });
  return std::exchange(seen_, {});
}

std::string LockWatch::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void LockWatch::run() {
  std::unique_lock lock(mutex_);
  while (state_ != State::ending) {
    const Clock::time_point now = Clock::now();
    if (state_ == State::watching && now >= due_) {
      run_once(lock);
    } else {
      const bool is_due_soon = state_ == State::watching && due_ < now + tick;
      changed_.wait_until(lock, is_due_soon ? due_ : now + tick);
    }
  }
}

/// Asks the server without holding the mutex, so that start() and failure() never wait for it.
void LockWatch::run_once(std::unique_lock<std::mutex>& lock) {
  asking_ = true;
  lock.unlock();
  Sample sample;
  std::string failure;
  try {
    sample = ask();
  } catch (const std::exception& exception) {
    failure = exception.what();
  }
  const Clock::time_point now = Clock::now();
  lock.lock();
  asking_ = false;
  note(sample, now);
  due_ = now + interval;
  if (!failure.empty() && state_ == State::watching) state_ = State::resting;
  if (!failure.empty()) failure_ = std::move(failure);
  changed_.notify_all();
}

LockWatch::Sample LockWatch::ask() {
  if (!session_) {
    session_ =
        runner::connect_postgres(address_.conninfo(), {.application_name = "gauntlet watch"});
    session_->send("SET statement_timeout = '5s'");
  }
  const runner::Result found = session_->query(
      fmt::format("SELECT relation, mode FROM pg_catalog.pg_locks "
                  "WHERE pid = {} AND locktype = 'relation' AND granted AND relation >= 16384",
                  backend_pid_));
  Sample sample;
  for (const auto& row : found.rows) {
    sample.emplace_back(oid_of(row.at(0).value_or("")), row.at(1).value_or(""));
  }
  return sample;
}

void LockWatch::note(const Sample& sample, Clock::time_point at) {
  for (const auto& [oid, mode] : sample) {
    SeenLock& seen = seen_.try_emplace(oid, SeenLock{mode, at, at}).first->second;
    seen.last_seen = at;
    if (lock_strength(mode) > lock_strength(seen.mode)) seen.mode = mode;
  }
}

}  // namespace gauntlet::verify
