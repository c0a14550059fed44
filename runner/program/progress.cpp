#include "runner/program/duration.h"
#include "runner/program/output.h"

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::runner {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Guarded by `mutex`: the main thread tells what runs, the live thread draws it.
struct Progress::State {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::optional<std::string> running;
  steady_clock::time_point since;
  bool drawn = false;
  std::jthread live;

  void draw_until(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      changed.wait_for(lock, stop, milliseconds(500), [] { return false; });
      const auto running_for =
          std::chrono::duration_cast<milliseconds>(steady_clock::now() - since);
      if (!running || stop.stop_requested() || running_for < milliseconds(500)) continue;
      fmt::print(stderr, "\r\033[K{} … {}", *running, to_text(running_for));
      std::fflush(stderr);
      drawn = true;
    }
  }

  void erase() {
    if (!drawn) return;
    fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
    drawn = false;
  }
};

namespace {

std::string name_of(Version version, const std::string& name) {
  return fmt::format("{} ({})", version.number, name);
}

std::string_view done_word(Direction direction) {
  return direction == Direction::up ? "applied" : "rolled back";
}

}  // namespace

Progress::Progress() : state_(std::make_unique<State>()) {
  if (isatty(STDERR_FILENO) == 0) return;
  state_->live = std::jthread(
      [state = state_.get()](const std::stop_token& stop) { state->draw_until(stop); });
}

Progress::~Progress() {
  if (state_->live.joinable()) {
    state_->live.request_stop();
    state_->live.join();
  }
  state_->erase();
}

void Progress::operator()(const Event& event) {
  const std::scoped_lock lock(state_->mutex);
  state_->erase();
  state_->running.reset();
  if (const auto* waiting = std::get_if<Waiting>(&event)) {
    fmt::print(stderr, "waiting for {}: the migration lock is held by {}\n",
               to_text(waiting->since), waiting->holder);
  } else if (const auto* started = std::get_if<MigrationStarted>(&event)) {
    state_->running = fmt::format("[{}/{}] {}", started->number, started->count,
                                  name_of(started->version, started->name));
    state_->since = steady_clock::now();
  } else if (const auto* finished = std::get_if<MigrationFinished>(&event)) {
    fmt::print("{} {} in {}\n", done_word(finished->direction),
               name_of(finished->version, finished->name), to_text(finished->took));
    std::fflush(stdout);
  } else if (const auto* warned = std::get_if<Warned>(&event)) {
    fmt::print(stderr, "warning: {}\n", warned->text);
  } else if (const auto* done = std::get_if<RunFinished>(&event)) {
    fmt::print("{} {} in {}\n", done->applied, done_word(done->direction), to_text(done->took));
  }
}

}  // namespace gauntlet::runner
