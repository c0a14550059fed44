#include "runner/program/progress.h"

#include "runner/program/duration.h"
#include "runner/program/output.h"
#include "runner/program/standard_streams.h"
#include "runner/values/visible_text.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

using As = Progress::Options::As;

constexpr milliseconds live_interval{500};

std::string name_of(Version version, const std::string& name) {
  return fmt::format("{} ({})", version.number, one_line_text(name));
}

std::string place_of(const MigrationStarted& started) {
  return fmt::format("[{}/{}] {}", started.number, started.count,
                     name_of(started.version, started.name));
}

std::string_view done_word(Direction direction) {
  return direction == Direction::up ? "applied" : "rolled back";
}

std::string text_of(const Noticed& noticed) {
  std::string severity = noticed.said.severity;
  std::ranges::transform(severity, severity.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  return fmt::format("{}: migration {}: {}\n", severity, name_of(noticed.version, noticed.name),
                     to_string(noticed.said));
}

std::string text_of(const LockRetried& retried) {
  const std::string holders = retried.holders.empty() ? "" : ": " + retried.holders;
  return fmt::format(
      "migration {} waited too long for a lock and was rolled back{}; attempt {} of {} follows in "
      "{}\n",
      name_of(retried.version, retried.name), holders, retried.attempt + 1, retried.attempts_max,
      to_text(retried.pause));
}

constexpr std::string_view erase_line = "\r\033[K";

// Names of migrations and notices of the server may hold anything; only our own erasing of a line
// steers the terminal.
bool write(std::FILE* to, std::string_view text) {
  const std::string_view erasing = text.starts_with(erase_line) ? erase_line : "";
  std::fwrite(erasing.data(), 1, erasing.size(), to);
  return write_text(to, text.substr(erasing.size()));
}

}  // namespace

// Guarded by `mutex`: the run's thread says what runs, the watching one for how long.
struct Progress::State {
  Options options;
  milliseconds every;
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::optional<MigrationStarted> running;
  steady_clock::time_point since, due;
  bool drawn = false;
  bool is_output_lost = false;
  std::jthread watch;

  explicit State(const Options& chosen)
      : options(chosen), every(chosen.as == As::live_text ? live_interval : chosen.heartbeat) {}

  // Nobody wakes it for a migration that begins: most are over long before there is a word to say.
  void watch_until(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    auto wake = due;
    while (true) {
      stopped.wait_until(lock, stop, wake, [] { return false; });
      if (stop.stop_requested()) return;
      const auto now = steady_clock::now();
      if (running && now >= due) {
        say(std::chrono::duration_cast<milliseconds>(now - since));
        due = now + every;
      }
      wake = running ? due : now + every;
    }
  }

  void say(milliseconds elapsed) {
    switch (options.as) {
      case As::text:
        write(options.err,
              fmt::format("{} has been running for {}\n", place_of(*running), to_text(elapsed)));
        return;
      case As::live_text:
        drawn = true;
        write(options.err, fmt::format("\r\033[K{} … {}", place_of(*running), to_text(elapsed)));
        return;
      case As::json_lines:
        return write_out(running_json(*running, elapsed));
    }
  }

  // What a migration did is done, whether anybody can read of it or not.
  void write_out(std::string_view text) {
    if (write(options.out, text)) return;
    const std::string reason = reason_text(errno);
    if (std::exchange(is_output_lost, true)) return;
    write(options.err,
          fmt::format("warning: standard output could not be written ({}): what it would say is "
                      "lost, and the run goes on\n",
                      reason));
  }

  void begin(const MigrationStarted& started) {
    running = started;
    since = steady_clock::now();
    due = since + every;
    if (every.count() == 0 || watch.joinable()) return;
    watch = std::jthread([this](const std::stop_token& stop) { watch_until(stop); });
  }

  void erase() {
    if (!drawn) return;
    write(options.err, "\r\033[K");
    drawn = false;
  }

  void tell_in_text(const Event& event) {
    if (const auto* waiting = std::get_if<Waiting>(&event)) {
      write(options.err, fmt::format("waiting for {}: the migration lock is held by {}\n",
                                     to_text(waiting->since), waiting->holder));
    } else if (const auto* finished = std::get_if<MigrationFinished>(&event)) {
      write_out(fmt::format("{} {} in {}\n", done_word(finished->direction),
                            name_of(finished->version, finished->name), to_text(finished->took)));
    } else if (const auto* warned = std::get_if<Warned>(&event)) {
      write(options.err, fmt::format("warning: {}\n", warned->text));
    } else if (const auto* noticed = std::get_if<Noticed>(&event)) {
      write(options.err, text_of(*noticed));
    } else if (const auto* retried = std::get_if<LockRetried>(&event)) {
      write(options.err, text_of(*retried));
    } else if (const auto* done = std::get_if<RunFinished>(&event)) {
      write_out(fmt::format("{} {} in {}\n", done->applied, done_word(done->direction),
                            to_text(done->took)));
    }
  }
};

Progress::Progress(const Options& options) : state_(std::make_unique<State>(options)) {}

Progress::~Progress() {
  if (state_->watch.joinable()) {
    state_->watch.request_stop();
    state_->watch.join();
  }
  state_->erase();
}

void Progress::operator()(const Event& event) {
  const std::scoped_lock lock(state_->mutex);
  state_->erase();
  const bool still_runs =
      std::holds_alternative<Noticed>(event) || std::holds_alternative<LockRetried>(event);
  if (!still_runs) state_->running.reset();
  if (state_->options.as == As::json_lines) {
    state_->write_out(event_json(event));
  } else {
    state_->tell_in_text(event);
  }
  if (const auto* started = std::get_if<MigrationStarted>(&event)) state_->begin(*started);
}

}  // namespace gauntlet::runner
