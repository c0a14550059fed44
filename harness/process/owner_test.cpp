#include "harness/process/owner.h"

#include "harness/process/process.h"

#include <cctype>

#include <gtest/gtest.h>

namespace gauntlet::process {
namespace {

TEST(Owner, WeAreAlive) { EXPECT_EQ(Owner::self().life(), Owner::Life::alive); }

TEST(Owner, IsReadBackFromItsText) {
  const auto read = Owner::parse(Owner::self().text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text(), Owner::self().text());
}

TEST(Owner, TextHoldsOnlyLettersDigitsAndUnderscores) {
  for (const char c : Owner::self().text()) {
    EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') << c;
  }
}

TEST(Owner, AnotherTextIsNoOwner) {
  for (const std::string text :
       {"", "a_b_c", "0123456789abcdef_12", "0123456789abcdef_x_1", "0123456789abcdeg_1_1",
        "0123456789abcdef_1_1x", "0123456789abcdef_-1_1"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(Owner::parse(text));
  }
}

TEST(Owner, AProcessThatEndedIsDeadEvenBeforeItIsReaped) {
  Process process = Process::start({.argv = {"sleep", "100"}});
  const Owner owner = *Owner::of(process.pid());
  ASSERT_EQ(owner.life(), Owner::Life::alive);
  process.kill_group();
  process.wait_for(std::chrono::seconds(10));
  EXPECT_EQ(owner.life(), Owner::Life::dead);
}

TEST(Owner, AnotherProcessWithItsPidIsNotIt) {
  Owner owner = Owner::self();
  owner.start_time -= 1;
  EXPECT_EQ(owner.life(), Owner::Life::dead);
}

TEST(Owner, AnEarlierBootOfThisPlaceIsDead) {
  Owner owner = Owner::self();
  owner.machine.replace(0, 8, "00000000");
  EXPECT_EQ(owner.life(), Owner::Life::dead);
}

TEST(Owner, OfAnotherPlaceNothingCanBeTold) {
  Owner owner = Owner::self();
  owner.machine.replace(8, 8, "00000000");
  EXPECT_EQ(owner.life(), Owner::Life::elsewhere);
}

}  // namespace
}  // namespace gauntlet::process
