#include "runner/program/command_line.h"

#include "runner/program/duration.h"
#include "runner/program/interruption.h"
#include "runner/values/error.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace gauntlet::runner {
namespace {

CommandLine parse(std::vector<const char*> words,
                  const std::string& database_url = "postgresql://h/d") {
  words.insert(words.begin(), "gauntlet-migrate");
  return parse_command_line(static_cast<int>(words.size()), words.data(), database_url);
}

TEST(CommandLine, ReadsEveryOptionOfUp) {
  const CommandLine line = parse({"up",
                                  "--database",
                                  "postgresql://x/y",
                                  "--migrations",
                                  "m",
                                  "--table",
                                  "s.t",
                                  "--lock-key",
                                  "-7",
                                  "--wait",
                                  "2m",
                                  "--lock-timeout",
                                  "3s",
                                  "--lock-retries",
                                  "4",
                                  "--statement-timeout",
                                  "30s",
                                  "--heartbeat",
                                  "1m",
                                  "--strict",
                                  "--no-verify",
                                  "--no-transaction",
                                  "whole-file",
                                  "--legacy-table",
                                  "old",
                                  "--retry-failed",
                                  "--session-pooler",
                                  "--jsonl"});
  ASSERT_TRUE(line.run) << line.err;
  const Asked& asked = line.asked;
  EXPECT_EQ(asked.database, "postgresql://x/y");
  EXPECT_EQ(asked.migrations, "m");
  EXPECT_EQ(asked.up.tracker.table, "s.t");
  EXPECT_EQ(asked.up.lock_key, -7);
  EXPECT_EQ(asked.up.lock_wait_max, std::chrono::minutes(2));
  EXPECT_EQ(asked.up.lock_timeout, std::chrono::seconds(3));
  EXPECT_EQ(asked.up.lock_retries.times, 4);
  EXPECT_EQ(asked.up.statement_timeout, std::chrono::seconds(30));
  EXPECT_EQ(asked.heartbeat, std::chrono::minutes(1));
  EXPECT_TRUE(asked.up.strict && asked.up.retry_failed && asked.up.session_pooler);
  EXPECT_FALSE(asked.up.tracker.verify_checksums);
  EXPECT_EQ(asked.up.no_transaction, NoTransaction::whole_file);
  EXPECT_EQ(asked.up.tracker.legacy_table, "old");
  EXPECT_EQ(asked.format, Format::json_lines);
}

TEST(CommandLine, TakesTheDatabaseOfTheEnvironmentAndItsDefaults) {
  const CommandLine line = parse({"check", "--migrations", "m", "--json"});
  ASSERT_TRUE(line.run) << line.err;
  EXPECT_EQ(line.asked.command, Command::check);
  EXPECT_EQ(line.asked.database, "postgresql://h/d");
  EXPECT_EQ(line.asked.up.lock_wait_max, std::chrono::minutes(10));
  EXPECT_EQ(line.asked.format, Format::json);
}

TEST(CommandLine, WithoutADatabaseNamesBothWaysToGiveOne) {
  const CommandLine line = parse({"up", "--migrations", "m"}, "");
  EXPECT_EQ(line.exit_code, 64);
  EXPECT_EQ(line.err,
            "no database: give --database URL, or set the environment variable DATABASE_URL\n");
}

TEST(CommandLine, RefusesEveryOtherCommand) {
  for (const char* word : {"", "UP", "DOWN", "rollback", "x", " up ", "down ", "up up"}) {
    const CommandLine line = parse({word, "--migrations", "m"});
    EXPECT_EQ(line.exit_code, 64) << word;
    EXPECT_EQ(line.err,
              "\"" + std::string(word) +
                  "\" is not a command: there are up, down, status, check, plan, accept, resume "
                  "and forget\n");
  }
}

TEST(CommandLine, RefusesWrongUsage) {
  for (const std::vector<const char*>& words : std::vector<std::vector<const char*>>{
           {},
           {"up"},
           {"up", "--migrations", "m", "--lock-timeout", "soon"},
           {"up", "--migrations", "m", "--no-transaction", "never"},
           {"up", "--migrations", "m", "--lock-key", "k"},
           {"up", "--migrations", "m", "--json"},
           {"check", "--migrations", "m", "--strict"},
           {"up", "--migrations", "m", "more"}}) {
    const CommandLine line = parse(words);
    EXPECT_EQ(line.exit_code, 64);
    EXPECT_FALSE(line.err.empty());
  }
}

TEST(CommandLine, RefusesWithoutThePasswordOfAUrl) {
  for (const char* url : {"postgresql://u:S3cr3t@h/d", "postgresql://u:S3cr3t/x@h/d",
                          "postgresql://u:S3cr3t", "host=h password=S3cr3t"}) {
    const CommandLine line = parse({"up", "--migrations", "m", "--databse", url});
    EXPECT_EQ(line.exit_code, 64);
    EXPECT_EQ(line.err.find("S3cr3t"), std::string::npos) << line.err;
  }
}

TEST(CommandLine, HelpsWithExamplesForEveryCommand) {
  for (const char* command : {"up", "status", "check", "plan"}) {
    const CommandLine line = parse({command, "--help"});
    EXPECT_EQ(line.exit_code, 0);
    EXPECT_NE(line.out.find(std::string("  gauntlet-migrate ") + command), std::string::npos)
        << line.out;
  }
  EXPECT_NE(parse({"--help"}).out.find("Exit codes: 0 done"), std::string::npos);
}

TEST(Duration, IsANumberWithItsUnit) {
  EXPECT_EQ(parse_duration("500ms").count(), 500);
  EXPECT_EQ(parse_duration("30s").count(), 30'000);
  EXPECT_EQ(parse_duration("10m").count(), 600'000);
  EXPECT_EQ(parse_duration("2h").count(), 7'200'000);
  EXPECT_EQ(parse_duration("0").count(), 0);
}

TEST(Duration, RefusesAnythingElse) {
  for (const char* text : {"", "10", "m", "-1s", "1.5s", "10 m", "10minutes", "99999999h", "1s "}) {
    EXPECT_THROW(parse_duration(text), Error) << text;
  }
}

TEST(Duration, ThatIsNoneIsRefusedWithTheWayToWriteIt) {
  try {
    parse_duration("soon");
    FAIL() << "it was accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "error[bad-duration]: \"soon\" is not a time of at most 24 days\n"
                 "  fix:   write a whole number and its unit: 500ms, 30s, 10m, 2h; or 0");
  }
}

TEST(Interruption, WithoutAPipeSaysWhichLimitToRaise) {
  // A sanitizer looks at the first object of a class through a pipe: it must have done so before.
  EXPECT_STREQ(Error("code", "message").what(), "error[code]: message");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  std::string said;
  try {
    const Interruption interruption;
  } catch (const Error& error) {
    said = error.what();
  }
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(said,
            "error[no-pipe]: the system gave no pipe to hear signals by\n"
            "  fix:   raise `ulimit -n`");
}

TEST(Duration, IsToldInTheUnitThatFits) {
  using std::chrono::milliseconds;
  EXPECT_EQ(to_text(milliseconds(850)), "850 ms");
  EXPECT_EQ(to_text(milliseconds(1240)), "1.2 s");
  EXPECT_EQ(to_text(milliseconds(125'000)), "2 min 5 s");
}

}  // namespace
}  // namespace gauntlet::runner
