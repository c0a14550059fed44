#include "runner/program/progress.h"

#include <array>
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

namespace gauntlet::runner {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::MatchesRegex;

/// What is written into a pipe, read as it comes.
class Written {
 public:
  Written() {
    if (pipe(ends_.data()) != 0) throw std::runtime_error("no pipe");
    stream_ = fdopen(ends_[1], "w");
  }
  ~Written() {
    std::fclose(stream_);
    close(ends_[0]);
  }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;

  std::FILE* stream() const { return stream_; }

  /// All of it so far, once it holds `text`; or what there is after a minute.
  const std::string& until(const std::string& text) {
    const auto deadline = steady_clock::now() + std::chrono::minutes(1);
    while (text_.find(text) == std::string::npos && steady_clock::now() < deadline) {
      read_for(milliseconds(1000));
    }
    return text_;
  }
  const std::string& now() {
    while (read_for(milliseconds(0))) continue;
    return text_;
  }

 private:
  bool read_for(milliseconds patience) {
    pollfd polled{.fd = ends_[0], .events = POLLIN, .revents = 0};
    if (poll(&polled, 1, static_cast<int>(patience.count())) <= 0) return false;
    std::array<char, 4096> buffer{};
    const ssize_t count = read(ends_[0], buffer.data(), buffer.size());
    if (count <= 0) return false;
    text_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }

  std::array<int, 2> ends_{-1, -1};
  std::FILE* stream_ = nullptr;
  std::string text_;
};

Progress::Options options(Progress::Options::As as, const Written& out, const Written& err) {
  return {.as = as, .heartbeat = milliseconds(20), .out = out.stream(), .err = err.stream()};
}

const MigrationStarted started{.version = {3}, .name = "slow", .number = 1, .count = 2};
const MigrationFinished finished{.version = {3}, .name = "slow", .took = milliseconds(1500)};

TEST(ProgressText, SaysFromTimeToTimeThatAMigrationStillRuns) {
  Written out;
  Written err;
  Progress progress(options(Progress::Options::As::text, out, err));
  progress(started);
  const std::string line = "[1/2] 3 (slow) has been running for ";
  EXPECT_THAT(err.until(line), HasSubstr(line));
  progress(finished);
  EXPECT_EQ(out.until("\n"), "applied 3 (slow) in 1.5 s\n");
}

TEST(ProgressText, SaysNothingWithoutAHeartbeat) {
  Written out;
  Written err;
  {
    auto silent = options(Progress::Options::As::text, out, err);
    silent.heartbeat = milliseconds(0);
    Progress progress(silent);
    progress(started);
    progress(finished);
    progress(RunFinished{1, milliseconds(1500)});
  }
  EXPECT_EQ(err.now(), "");
  EXPECT_EQ(out.now(), "applied 3 (slow) in 1.5 s\n1 applied in 1.5 s\n");
}

TEST(ProgressLive, MovesOneLineAndTakesItAway) {
  Written out;
  Written err;
  Progress progress(options(Progress::Options::As::live_text, out, err));
  progress(started);
  EXPECT_THAT(err.until(" ms"), HasSubstr("\r\033[K[1/2] 3 (slow) … "));
  progress(finished);
  EXPECT_THAT(err.now(), testing::EndsWith("\r\033[K"));
}

TEST(ProgressJson, TellsARunningMigrationAsAnEvent) {
  Written out;
  Written err;
  Progress progress(options(Progress::Options::As::json_lines, out, err));
  progress(started);
  out.until("\"migration-running\"");
  progress(Warned{"done"});
  EXPECT_THAT(out.until("\"done\"}\n"),
              MatchesRegex("\\{\"event\":\"migration-started\",\"version\":3,[^\n]*\n"
                           "(\\{\"event\":\"migration-running\",\"version\":3,\"name\":\"slow\","
                           "\"seconds\":[0-9.e-]+\\}\n)+"
                           "\\{\"event\":\"warning\",\"message\":\"done\"\\}\n"));
  EXPECT_EQ(err.now(), "");
}

}  // namespace
}  // namespace gauntlet::runner
