#include "harness/cli/live_line.h"

#include "runner/values/visible_text.h"

#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace gauntlet::cli {
namespace {

constexpr std::chrono::seconds heartbeat{10};
constexpr std::chrono::seconds refresh{1};
constexpr const char* wipe = "\r\033[K";

/// The first `columns` characters of UTF-8 text, on one line and safe to show.
std::string cut(std::string_view text, int columns) {
  std::string line;
  for (const char byte : runner::visible_text(text)) {
    const bool starts_character = (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    if (starts_character && columns-- <= 0) break;
    line += static_cast<unsigned char>(byte) < 0x20U ? ' ' : byte;
  }
  return line;
}

void put(int fd, const std::string& text) {
  // Progress is a courtesy: a stderr that is closed or full must not end the run.
  [[maybe_unused]] const ssize_t written = ::write(fd, text.data(), text.size());
}

}  // namespace

LiveLine::LiveLine(int fd, Screen screen)
    : fd_(fd), screen_(screen), started_(std::chrono::steady_clock::now()) {
  thread_ = std::thread([this] { print_until_ended(); });
}

LiveLine::~LiveLine() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
  if (screen_ == Screen::terminal) put(fd_, wipe);
}

void LiveLine::show(std::string_view doing) {
  const std::lock_guard lock(mutex_);
  doing_ = doing;
  if (screen_ == Screen::terminal) print();
}

void LiveLine::set_done(double share) {
  const std::lock_guard lock(mutex_);
  share_done_ = share;
}

void LiveLine::print_until_ended() {
  const auto interval = screen_ == Screen::terminal ? refresh : heartbeat;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, interval, [this] { return ended_; })) print();
}

void LiveLine::print() const {
  const auto elapsed = std::chrono::steady_clock::now() - started_;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(elapsed).count();
  const std::string time = fmt::format("{} s{}", seconds, time_left(elapsed, share_done_));
  if (screen_ == Screen::terminal)
    put(fd_, wipe + cut(fmt::format("{}  {}", time, doing_), columns_of(fd_, 80) - 1));
  else
    put(fd_, fmt::format("gauntlet: {}: {}\n", time, cut(doing_, 400)));
}

std::string time_left(std::chrono::duration<double> elapsed, double share_done) {
  // Earlier the estimate would jump about.
  constexpr double share_min = 0.05;
  constexpr std::chrono::duration<double> elapsed_min{3};
  if (share_done < share_min || share_done >= 1 || elapsed < elapsed_min) return {};
  return fmt::format(", about {:.0f} s left", elapsed.count() * (1 - share_done) / share_done);
}

LiveLine::Screen screen_of(int fd) {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return isatty(fd) == 1 && !dumb ? LiveLine::Screen::terminal : LiveLine::Screen::plain;
}

int columns_of(int fd, int otherwise) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : otherwise;
}

bool wants_colour(int fd) {
  const char* no_colour = std::getenv("NO_COLOR");
  const bool refused = no_colour != nullptr && *no_colour != '\0';
  return !refused && screen_of(fd) == LiveLine::Screen::terminal;
}

}  // namespace gauntlet::cli
