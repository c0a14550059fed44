#include "harness/cli/live_line.h"

#include <array>
#include <functional>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace gauntlet::cli {
namespace {

/// Everything that was written to the line between its beginning and its end.
std::string told(LiveLine::Screen screen, const std::function<void(LiveLine&)>& work) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  {
    LiveLine line(ends[1], screen);
    work(line);
  }
  close(ends[1]);
  std::string text(4096, '\0');
  text.resize(static_cast<std::size_t>(read(ends[0], text.data(), text.size())));
  close(ends[0]);
  return text;
}

TEST(LiveLine, IsRewrittenInPlaceOnATerminal) {
  EXPECT_EQ(told(LiveLine::Screen::terminal, [](LiveLine& line) { line.show("lint"); }),
            "\r\033[K0 s  lint\r\033[K");
}

TEST(LiveLine, StaysOnOneLineOfATerminal) {
  const std::string text = told(LiveLine::Screen::terminal, [](LiveLine& line) {
    line.show("first\nsecond " + std::string(500, 'x'));
  });
  EXPECT_THAT(text, testing::HasSubstr("first second"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("\n")));
  EXPECT_LT(text.size(), 100U);
}

TEST(LiveLine, CutsBetweenCharactersAndNotInsideOne) {
  const std::string text = told(LiveLine::Screen::terminal, [](LiveLine& line) {
    std::string word;
    for (int i = 0; i < 200; ++i) word += "ä";
    line.show(word);
  });
  EXPECT_THAT(text, testing::EndsWith("ä\r\033[K"));
}

TEST(LiveLine, SaysNothingOfAShortRunElsewhere) {
  EXPECT_EQ(told(LiveLine::Screen::plain, [](LiveLine& line) { line.show("lint"); }), "");
}

TEST(LiveLine, ShowsNothingThatSteersTheTerminal) {
  EXPECT_EQ(told(LiveLine::Screen::terminal, [](LiveLine& line) { line.show("a\x1b[2Jb\u202e"); }),
            "\r\033[K0 s  a\uFFFD[2Jb\uFFFD\r\033[K");
}

TEST(TimeLeft, GrowsWithWhatIsNotDone) {
  using seconds = std::chrono::duration<double>;
  EXPECT_EQ(time_left(seconds(10), 0.25), ", about 30 s left");
  EXPECT_EQ(time_left(seconds(10), 0.5), ", about 10 s left");
  EXPECT_EQ(time_left(seconds(1), 0.5), "") << "too early";
  EXPECT_EQ(time_left(seconds(10), 0.01), "") << "too little";
  EXPECT_EQ(time_left(seconds(10), 1), "");
}

TEST(LiveLine, OutlivesAReaderThatHasGone) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  close(ends[0]);
  EXPECT_EXIT(
      {
        signal(SIGPIPE, [](int) {});
        { LiveLine(ends[1], LiveLine::Screen::terminal).show("lint"); }
        _exit(7);
      },
      testing::ExitedWithCode(7), "");
  close(ends[1]);
}

}  // namespace
}  // namespace gauntlet::cli
