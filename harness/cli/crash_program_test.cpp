// `gauntlet crash` as its users run it: the reference runner, a small correct one, and the same
// with one flaw at a time.
#include "harness/cli/program.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

using testing::ContainerEq;
using testing::HasSubstr;

constexpr std::chrono::minutes crash_bound{8};
const std::string small_runner =
    "/usr/bin/python3 " GAUNTLET_SOURCE_DIR "/harness/crash/runners/small.py {url} {migrations}";

/// A file that no error protects from a second time, and one outside a transaction.
void write_two(const TestFolder& folder) {
  folder.write("001_accounts.up.sql",
               "CREATE TABLE IF NOT EXISTS accounts (balance int NOT NULL);\n"
               "INSERT INTO accounts VALUES (100);\n");
  folder.write("002_fees.up.sql",
               "-- gauntlet: no-transaction\nUPDATE accounts SET balance = balance - 1;\n"
               "UPDATE accounts SET balance = balance - 2;\n");
}

nlohmann::json crash_swept(const std::string& flaw, const std::vector<std::string>& more) {
  const TestFolder folder;
  write_two(folder);
  std::vector<std::string> words = {"crash",       "--runner", small_runner, "--migrations",
                                    folder.path(), "--format", "gauntlet",   "--json"};
  words.insert(words.end(), more.begin(), more.end());
  const auto done = process::run(command_of(words, {{"FLAW", flaw}}), crash_bound);
  EXPECT_TRUE(done.exit.code == 0 || done.exit.code == 1) << done.exit.text() << done.err;
  return only_object_on(done.out);
}

/// `STEP:HARM` of every cell with this outcome.
std::set<std::string> cells_with(const nlohmann::json& report, const std::string& outcome) {
  std::set<std::string> cells;
  for (const auto& row : report["matrix"]["rows"])
    for (const auto& cell : row["cells"])
      if (cell["outcome"] == outcome)
        cells.insert(row["step"].get<std::string>() + ":" + cell["harm"].get<std::string>());
  return cells;
}

std::size_t count_cells(const nlohmann::json& report) {
  std::size_t count = 0;
  for (const auto& row : report["matrix"]["rows"]) count += row["cells"].size();
  return count;
}

TEST(CrashProgram, AShortCorrectRunnerPassesEveryCell) {
  const auto report = crash_swept(
      "", {"--all", "--applied-query", "SELECT version FROM applied WHERE NOT unfinished"});
  EXPECT_EQ(report["verdict"], "holds");
  const auto converged = cells_with(report, "converged");
  const auto said = cells_with(report, "stopped-and-said-what-to-do");
  EXPECT_EQ(converged.size() + said.size(), count_cells(report)) << report["matrix"].dump(1);
  for (const std::string& cell : said) EXPECT_THAT(cell, HasSubstr("-2:"));
  EXPECT_TRUE(converged.contains("commit-1:cut-after"));
  EXPECT_TRUE(said.contains("statement-1-of-2:killed"));
}

struct CrashFlawed {
  const char* flaw;
  const char* outcome;          ///< of one of the cells
  std::set<std::string> cells;  ///< of --only :cut-before and :cut-after
};

class CrashFlaw : public testing::TestWithParam<CrashFlawed> {};

/// Both harms of the steps [first, last] of the small runner, in the order in which it takes them.
std::set<std::string> both_of(const std::string& first, const std::string& last) {
  const std::vector<std::string> steps = {
      "create-table-if-not-exis", "write-applied-lock", "bootstrap", "look",     "begin-1",
      "statement-1-of-1",         "statement-2-of-1",   "record-1",  "commit-1", "record-2",
      "statement-1-of-2",         "statement-2-of-2",   "record-2-2"};
  std::set<std::string> cells;
  for (auto step = std::ranges::find(steps, first); step != steps.end(); ++step) {
    cells.insert(*step + ":cut-before");
    cells.insert(*step + ":cut-after");
    if (*step == last) break;
  }
  return cells;
}

std::set<std::string> cells_and(std::set<std::string> cells, const std::set<std::string>& more) {
  cells.insert(more.begin(), more.end());
  return cells;
}

std::set<std::string> cells_but(std::set<std::string> cells, const std::set<std::string>& fewer) {
  for (const std::string& cell : fewer) cells.erase(cell);
  return cells;
}

TEST_P(CrashFlaw, TurnsRedExactlyTheCellsThatItShould) {
  const auto report =
      crash_swept(GetParam().flaw, {"--only", ":cut-before", "--only", ":cut-after"});
  std::set<std::string> red;
  for (const char* outcome : {"lost", "applied-twice", "recorded-wrongly", "stopped-silently"})
    red.merge(cells_with(report, outcome));
  EXPECT_THAT(red, ContainerEq(GetParam().cells)) << report["matrix"].dump(1);
  EXPECT_FALSE(cells_with(report, GetParam().outcome).empty());
}

INSTANTIATE_TEST_SUITE_P(
    One, CrashFlaw,
    testing::Values(
        CrashFlawed{
            "records-outside", "applied-twice", {"commit-1:cut-after", "record-1:cut-before"}},
        // Its record is committed before the BEGIN.
        CrashFlawed{"records-first", "lost",
                    cells_but(both_of("begin-1", "commit-1"),
                              {"record-1:cut-before", "commit-1:cut-after"})},
        CrashFlawed{"ignores-lost-commit", "lost", {"commit-1:cut-before", "commit-1:cut-after"}},
        CrashFlawed{"lock-row-stays", "stopped-silently",
                    cells_and(both_of("bootstrap", "record-2-2"),
                              {"write-applied-lock:cut-after",
                               "write-applied-lock-at-the-end:cut-before"})},
        CrashFlawed{"resumes-blindly",
                    "applied-twice",
                    {"statement-1-of-2:cut-after", "statement-2-of-2:cut-before",
                     "statement-2-of-2:cut-after", "record-2-2:cut-before"}},
        CrashFlawed{"swallows-errors", "lost",
                    cells_but(cells_and(both_of("bootstrap", "statement-2-of-2"),
                                        {"lock:cut-before", "lock:cut-after"}),
                              {"statement-2-of-2:cut-after"})}),
    [](const auto& tested) {
      std::string name = tested.param.flaw;
      std::erase(name, '-');
      return name;
    });

TEST(CrashProgram, TheReferenceRunnerConvergesOrSaysWhatToDo) {
  // With the other two of the usual harms its words are followed, below.
  const auto done = process::run(
      command_of({"crash", "--harms", "cut-before,lost-reply,terminated", "--json"}), crash_bound);
  ASSERT_EQ(done.exit.code, 0) << done.err << done.out;
  const auto report = only_object_on(done.out);
  for (const auto& row : report["matrix"]["rows"]) {
    for (const auto& cell : row["cells"]) {
      const bool may_stop =
          row["label"].get<std::string>().find("version 5") != std::string::npos ||
          row["outside_transaction"].get<bool>();
      EXPECT_TRUE(cell["outcome"] == "converged" ||
                  (may_stop && cell["outcome"] == "stopped-and-said-what-to-do"))
          << row["label"] << cell.dump();
    }
  }
}

TEST(CrashProgram, WhoFollowsTheWordsOfTheReferenceRunnerComesToTheEndAtEveryPoint) {
  const std::string follow =
      "bash " GAUNTLET_SOURCE_DIR "/harness/crash/runners/follow.sh " GAUNTLET_BINARY_DIR
      "/bin/gauntlet-migrate {url} {migrations}";
  const auto done = process::run(
      command_of({"crash", "--runner", follow, "--harms", "cut-after,killed", "--json"}),
      crash_bound);
  ASSERT_EQ(done.exit.code, 0) << done.err << done.out;
  const auto report = only_object_on(done.out);
  EXPECT_EQ(cells_with(report, "converged").size(), count_cells(report))
      << report["matrix"].dump(1);
  EXPECT_GT(count_cells(report), 20U);
}

TEST(CrashProgram, HarmsBesideTheUsualOnesAreDoneWhereTheyAreNamed) {
  const auto done = gauntlet({"crash", "--only", "whole-3:paused", "--only", "whole-3:refused",
                              "--only", "whole-3:delayed", "--json"});
  ASSERT_EQ(done.exit.code, 0) << done.err << done.out;
  EXPECT_EQ(cells_with(only_object_on(done.out), "converged").size(), 3U) << done.out;
  EXPECT_EQ(gauntlet({"crash", "--harms", "nothing"}).exit.code, 64);
}

TEST(CrashProgram, TheServerIsStoppedAtAStepAndTheReferenceRunnerConverges) {
  const auto done = gauntlet({"crash", "--server-faults", "--only", "whole-3:server-fast", "--only",
                              "whole-3:server-immediate", "--only", "lock:server-fast", "--json"});
  ASSERT_EQ(done.exit.code, 0) << done.err << done.out;
  EXPECT_EQ(cells_with(only_object_on(done.out), "converged").size(), 3U) << done.out;
}

TEST(CrashProgram, ASecondReplicaMustEndRightToo) {
  const std::vector<std::string> two = {"--replicas",         "2",      "--only",
                                        "commit-1:cut-after", "--only", "commit-1:killed",
                                        "--timeout",          "4s"};
  const auto good = crash_swept("", two);
  EXPECT_EQ(cells_with(good, "converged").size(), 2U) << good.dump(1);
  const auto flawed = crash_swept("lock-row-waits", two);
  EXPECT_EQ(cells_with(flawed, "stopped-silently").size(), 2U) << flawed.dump(1);
}

TEST(CrashProgram, ACellIsRepeatedByItsReplayCommand) {
  const auto done = gauntlet({"crash", "--only", "lock:killed", "--json"});
  ASSERT_EQ(done.exit.code, 0) << done.err << done.out;
  const auto report = only_object_on(done.out);
  ASSERT_EQ(count_cells(report), 1U);
  EXPECT_THAT(report["matrix"]["rows"][0]["cells"][0]["replay"].get<std::string>(),
              HasSubstr("--only lock:killed"));
  EXPECT_EQ(gauntlet({"crash", "--only", "lock:nowhere"}).exit.code, 64);
  EXPECT_EQ(gauntlet({"crash", "--only", "no-such-step"}).exit.code, 2);
}

TEST(CrashProgram, ATrackerThatTheSubjectFileReadsIsAWitness) {
  const TestFolder folder;
  const auto notes_with = [&](const std::string& more) {
    const std::string subject = folder.write(
        "small.toml", "name = 'small'\nformat = 'gauntlet'\nup = '" + small_runner + "'\n" + more);
    const auto done =
        gauntlet({"crash", "--subject", subject, "--only", "begin-1:cut-before", "--json"});
    return only_object_on(done.out)["matrix"]["notes"].dump();
  };
  EXPECT_THAT(notes_with(""), HasSubstr("no witness"));
  EXPECT_THAT(notes_with("applied_query = 'SELECT version FROM applied'\n"),
              testing::Not(HasSubstr("no witness")));
}

TEST(CrashProgram, ARunnerThatFailsAloneIsNotJudged) {
  const auto done = gauntlet({"crash", "--runner", "false"});
  EXPECT_EQ(done.exit.code, 2);
  EXPECT_THAT(done.err, HasSubstr("error[runner-failed]"));
}

}  // namespace
}  // namespace gauntlet::cli
