// `gauntlet explore` and `gauntlet replay` as programs: exit codes, the saved schedule, its replay.
#include "harness/cli/program.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

using testing::HasSubstr;

std::string text_in(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class ExploreProgram : public testing::Test {
 protected:
  process::Finished explore(std::vector<std::string> words) {
    words.insert(words.begin(), "explore");
    words.insert(words.end(), {"--save", folder_.path().string()});
    return gauntlet(std::move(words));
  }
  std::string saved(const std::string& name) const {
    return (folder_.path() / (name + ".schedule")).string();
  }

  TestFolder folder_;
};

TEST_F(ExploreProgram, SavesTheScheduleOfAFlawedRunnerAndReplaysIt) {
  const auto found = explore({"--mutant", "lock-is-noop", "--first", "1"});
  EXPECT_EQ(found.exit.code, 1) << found.out << found.err;
  EXPECT_THAT(found.out, HasSubstr("gauntlet replay "));
  EXPECT_THAT(found.out, HasSubstr("reproduced 10/10"));
  EXPECT_THAT(found.out, HasSubstr("collide on `journal`"));
  const std::string schedule = saved("lock-is-noop");
  EXPECT_THAT(text_in(schedule), HasSubstr("<- preempts: "));

  const auto again = gauntlet({"replay", schedule, "--times", "5", "--all"});
  EXPECT_EQ(again.exit.code, 1) << again.out << again.err;
  EXPECT_THAT(again.out, HasSubstr("violated 5/5"));

  const auto corrected = gauntlet({"replay", schedule, "--reference", "--all"});
  EXPECT_EQ(corrected.exit.code, 0) << corrected.out << corrected.err;
  EXPECT_THAT(corrected.out, HasSubstr("diverged at step "));
}

TEST_F(ExploreProgram, SavedScheduleHoldsAUsersFiles) {
  TestFolder files;
  files.write("001_only.up.sql", "CREATE TABLE mine(x int);\n");
  const auto found = explore({"--mutant", "lock-is-noop", "--migrations", files.path().string()});
  ASSERT_EQ(found.exit.code, 1) << found.out << found.err;
  std::filesystem::remove_all(files.path());
  const auto again = gauntlet({"replay", saved("lock-is-noop")});
  EXPECT_EQ(again.exit.code, 1) << again.out << again.err;
}

TEST_F(ExploreProgram, StopsAtTheStepWhoseLabelIsAnother) {
  ASSERT_EQ(explore({"--mutant", "lock-is-noop", "--first", "1"}).exit.code, 1);
  const std::string schedule = saved("lock-is-noop");
  std::string text = text_in(schedule);
  const std::size_t third = text.find("\n   3  ");
  text.replace(text.find("  ", text.find("step", third)) + 4, 16, "00000000deadbeef");
  std::ofstream(schedule) << text;
  const auto again = gauntlet({"replay", schedule});
  EXPECT_EQ(again.exit.code, 2) << again.out << again.err;
  EXPECT_THAT(again.out, HasSubstr("diverged at step 3: expected "));
}

TEST_F(ExploreProgram, ShrinksToOneMigrationAndDrawsAPage) {
  const std::string page = folder_.file("page.html");
  const auto found = explore({"--mutant", "lock-is-noop", "--replicas", "3", "--output", "text",
                              "--output", "html=" + page, "--all"});
  EXPECT_EQ(found.exit.code, 1) << found.err;
  EXPECT_THAT(found.out, HasSubstr("shrunk to 2 replicas, 1 migrations, 1 preemptions"));
  EXPECT_THAT(text_in(page), HasSubstr("<svg "));
  EXPECT_THAT(text_in(saved("lock-is-noop")), HasSubstr("first-files   1"));
}

TEST_F(ExploreProgram, RandomSearchOfASeedIsRepeatable) {
  const std::vector<std::string> words{"--mutant",   "lock-is-noop", "--first", "1",
                                       "--strategy", "random",       "--seed",  "7",
                                       "--all",      "--keep-size"};
  const auto once = explore(words), again = explore(words);
  EXPECT_EQ(once.exit.code, 1) << once.out << once.err;
  const auto line = [](const std::string& out) {
    const std::size_t at = out.find("is violated:");
    return out.substr(at, out.find('\n', at) - at);
  };
  EXPECT_EQ(line(once.out), line(again.out));
}

std::size_t schedules_in(const std::string& out) {
  constexpr std::string_view head = "note: all ";
  const std::size_t at = out.find(head);
  return at == std::string::npos ? 0 : std::stoul(out.substr(at + head.size()));
}

TEST_F(ExploreProgram, ShardsShareTheSchedulesOfTheWhole) {
  const auto schedules = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--first", "1", "--preemptions", "1", "--all", "--every"});
    return schedules_in(explore(std::move(words)).out);
  };
  EXPECT_EQ(schedules({"--shard", "1/2"}) + schedules({"--shard", "2/2"}), schedules({}));
  EXPECT_EQ(explore({"--shard", "3/2"}).exit.code, 64);
}

TEST_F(ExploreProgram, BoundThatWasNotReachedIsNoPass) {
  const auto stopped = explore({"--first", "1", "--schedules", "3"});
  EXPECT_EQ(stopped.exit.code, 2) << stopped.out;
  EXPECT_THAT(stopped.out, HasSubstr("before the bound"));
  EXPECT_EQ(explore({"--first", "1", "--schedules", "3", "--accept-partial"}).exit.code, 0);
}

TEST_F(ExploreProgram, ClaimNamesItsBoundAndItsGranularity) {
  const auto whole = explore({"--first", "1", "--preemptions", "1", "--all"});
  EXPECT_EQ(whole.exit.code, 0) << whole.out << whole.err;
  EXPECT_THAT(whole.out, HasSubstr("with at most 1 preemptions, at statement granularity"));
}

std::vector<std::string> words_for_runner(const std::string& how) {
  const std::string runner = GAUNTLET_SOURCE_DIR "/harness/cli/runners/runner.py";
  return {"--runner",        "/usr/bin/python3 " + runner + " up {migrations} " + how,
          "--applied-query", "SELECT version, name FROM history",
          "--first",         "1"};
}

TEST_F(ExploreProgram, FindsTheRaceOfAProgramAndReplaysIt) {
  const auto found = explore(words_for_runner("none"));
  ASSERT_EQ(found.exit.code, 1) << found.out << found.err;
  const auto again = gauntlet({"replay", saved("concurrency-pending"), "--times", "3", "--all"});
  EXPECT_EQ(again.exit.code, 1) << again.out << again.err;
  EXPECT_THAT(again.out, HasSubstr("violated 3/3"));
}

// Its key is its process id, so no two runs send the same statements.
TEST_F(ExploreProgram, ReportsARunnerThatIsAnotherInEachRun) {
  const auto found = explore(words_for_runner("by-process"));
  EXPECT_THAT(found.out, HasSubstr("found, not reproducible")) << found.out << found.err;
  EXPECT_NE(found.exit.code, 0);
}

// One waits for the lock in the server, the other sleeps in its client after it was refused.
TEST_F(ExploreProgram, ProgramsWithALockHold) {
  for (const char* how : {"text", "polls"}) {
    std::vector<std::string> words = words_for_runner(how);
    words.insert(words.end(), {"--preemptions", "1"});
    const auto whole = explore(std::move(words));
    EXPECT_EQ(whole.exit.code, 0) << how << whole.out << whole.err;
  }
}

// A lock that is a row: in each order of whole statements only one replica gets it.
TEST_F(ExploreProgram, FindsWhatTakesTwoStatementsInsideTheServerAtOnce) {
  std::vector<std::string> words = words_for_runner("row-if-none");
  words.insert(words.end(), {"--strategy", "random", "--seed", "2", "--keep-size", "--all"});
  const auto found = explore(words);
  ASSERT_EQ(found.exit.code, 1) << found.out << found.err;
  EXPECT_THAT(found.out, HasSubstr("were inside the server at the same instant, on `turn`"));
  EXPECT_THAT(found.out, HasSubstr("reproduced 10/10 held, "));
  const std::string schedule = saved("concurrency-pending");
  EXPECT_THAT(text_in(schedule), HasSubstr("  overlap  "));
  const auto again = gauntlet({"replay", schedule, "--times", "5", "--all"});
  EXPECT_EQ(again.exit.code, 1) << again.out << again.err;
  EXPECT_THAT(again.out, HasSubstr("violated 5/5"));

  std::vector<std::string> corrected = words_for_runner("row-with-key");
  corrected.resize(4);  // the runner and its tracker
  corrected.insert(corrected.begin(), {"replay", schedule});
  const auto holds = gauntlet(corrected);
  EXPECT_EQ(holds.exit.code, 0) << holds.out << holds.err;
}

TEST_F(ExploreProgram, LockThatIsARowWithAKeyHolds) {
  std::vector<std::string> words = words_for_runner("row-with-key");
  words.insert(words.end(), {"--all", "--preemptions", "1"});
  const auto whole = explore(words);
  EXPECT_EQ(whole.exit.code, 0) << whole.out << whole.err;
  EXPECT_THAT(whole.out, HasSubstr("4 of 4 pairs of statements that collide overlapped"));
}

// A table that an open transaction has written can be held at only if that was prepared before.
TEST_F(ExploreProgram, OverlapsAtATableThatAnOpenTransactionHasWritten) {
  std::vector<std::string> words = words_for_runner("notes-first");
  words.insert(words.end(), {"--all", "--preemptions", "1"});
  const auto whole = explore(words);
  EXPECT_EQ(whole.exit.code, 0) << whole.out << whole.err;
}

// Two of these statements can never be inside at once, and nothing is left out.
TEST_F(ExploreProgram, StatementsThatALockKeepsApartAreDecided) {
  std::vector<std::string> words = words_for_runner("makes-under-lock");
  words.insert(words.end(), {"--all", "--preemptions", "1"});
  const auto whole = explore(words);
  EXPECT_EQ(whole.exit.code, 0) << whole.out << whole.err;
  EXPECT_THAT(whole.out, HasSubstr("are kept apart by a lock"));
  EXPECT_EQ(explore(words_for_runner("makes-without")).exit.code, 1);
}

// Its sleep is too short to be noticed; that it asks the same again is.
TEST_F(ExploreProgram, ProgramThatAsksOftenForARowHolds) {
  std::vector<std::string> words = words_for_runner("row-asked-often");
  words.insert(words.end(), {"--all", "--preemptions", "1"});
  const auto whole = explore(words);
  EXPECT_EQ(whole.exit.code, 0) << whole.out << whole.err;
}

TEST_F(ExploreProgram, SearchThatWasStoppedIsContinued) {
  const std::vector<std::string> words{"--first", "1", "--preemptions", "1", "--all"};
  const std::size_t whole = schedules_in(explore(words).out);
  std::vector<std::string> saved_words = words;
  saved_words.insert(saved_words.end(), {"--checkpoint", folder_.file("search.json")});
  std::vector<std::string> stopped = saved_words;
  stopped.insert(stopped.end(), {"--schedules", "3"});
  EXPECT_EQ(explore(stopped).exit.code, 2);
  const auto continued = explore(saved_words);
  EXPECT_EQ(continued.exit.code, 0) << continued.out << continued.err;
  EXPECT_EQ(schedules_in(continued.out), whole);

  saved_words[1] = "2";
  const auto other = explore(saved_words);
  EXPECT_EQ(other.exit.code, 2);
  EXPECT_THAT(other.out + other.err, HasSubstr("checkpoint-of-another-search"));
}

TEST_F(ExploreProgram, SignalEndsTheSearchWithAReport) {
  const std::string file = folder_.file("search.json");
  auto search = process::Process::start(
      command_of({"explore", "concurrency/pending", "--preemptions", "8", "--checkpoint", file}));
  ASSERT_TRUE(comes_to([&] { return std::filesystem::exists(file); })) << search.err();
  search.signal(SIGINT);
  const auto exit = search.wait_for(std::chrono::seconds(60));
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 2) << search.out() << search.err();
  EXPECT_THAT(search.out(), HasSubstr("stopped by a signal before the bound"));
  EXPECT_THAT(search.out(), HasSubstr("the same command continues the search"));
}

// No order of statements shows it: body and record are apart, and somebody must die in between.
TEST_F(ExploreProgram, FindsWhatTakesADeathAndReplaysIt) {
  const std::vector<std::string> words{
      "concurrency/pending",        "--first", "1", "--preemptions", "0", "--mutant",
      "record-outside-transaction", "--all"};
  EXPECT_EQ(explore(words).exit.code, 0) << "without a fault it holds";
  std::vector<std::string> harmed = words;
  harmed.insert(harmed.end(), {"--faults"});
  const auto found = explore(harmed);
  ASSERT_EQ(found.exit.code, 1) << found.out << found.err;
  EXPECT_THAT(found.out, HasSubstr("the replica died "));
  const auto again =
      gauntlet({"replay", saved("record-outside-transaction"), "--times", "3", "--all"});
  EXPECT_EQ(again.exit.code, 1) << again.out << again.err;
  EXPECT_THAT(again.out, HasSubstr("violated 3/3"));
}

TEST_F(ExploreProgram, ReferenceRunnerOutlivesAnyOneFault) {
  const auto whole = explore({"--first", "1", "--preemptions", "0", "--faults", "--all"});
  EXPECT_EQ(whole.exit.code, 0) << whole.out << whole.err;
  EXPECT_THAT(whole.out, HasSubstr("with at most 0 preemptions and one fault"));
  EXPECT_EQ(explore({"--faults", "--processes"}).exit.code, 64);
}

TEST_F(ExploreProgram, NamesWhatCannotBeExplored) {
  EXPECT_EQ(explore({"--mutant", "no-such"}).exit.code, 64);
  const auto foreign = explore({"concurrency/lock-serializes"});
  EXPECT_EQ(foreign.exit.code, 64);
  EXPECT_THAT(foreign.err, HasSubstr("outside the replicas"));
  EXPECT_EQ(gauntlet({"replay", "/no/such/file"}).exit.code, 2);
}

}  // namespace
}  // namespace gauntlet::cli
