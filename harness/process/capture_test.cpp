#include "harness/process/capture.h"

#include <gtest/gtest.h>

namespace gauntlet::process {
namespace {

TEST(Capture, KeepsAllOfAShortOutput) {
  Capture capture(20);
  capture.append("0123456789");
  capture.append("abcdefghij");
  EXPECT_EQ(capture.text(), "0123456789abcdefghij");
}

TEST(Capture, KeepsTheFirstAndTheLastPartOfALongOneAndSaysWhatIsMissing) {
  Capture capture(20);
  capture.append("0123456789");
  capture.append(std::string(1'000, 'x'));
  capture.append("abcdefghij");
  EXPECT_EQ(capture.text(), "0123456789\n[... 1000 bytes left out ...]\nabcdefghij");
}

TEST(Capture, TellsWhatCameAfterItWasRead) {
  Capture capture(20);
  capture.append("one");
  EXPECT_EQ(capture.text(), "one");
  capture.append(" two");
  EXPECT_EQ(capture.text(), "one two");
}

}  // namespace
}  // namespace gauntlet::process
