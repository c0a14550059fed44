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

// Files are called 010_x.up.sql, and C reads 010 as 8.
TEST(CommandLine, ReadsNumbersInDecimalWhateverZerosLeadThem) {
  EXPECT_EQ(parse({"accept", "010", "--migrations", "m"}).asked.version, 10);
  EXPECT_EQ(parse({"forget", "0009", "--migrations", "m"}).asked.version, 9);
  const CommandLine resume = parse({"resume", "0012", "--from", "010", "--migrations", "m"});
  EXPECT_EQ(resume.asked.version, 12);
  EXPECT_EQ(resume.asked.from, 10);
  EXPECT_EQ(parse({"down", "--to", "010", "--migrations", "m"}).asked.down.value().value, 10);
  EXPECT_EQ(parse({"down", "--steps", "08", "--migrations", "m"}).asked.down.value().value, 8);
  EXPECT_EQ(parse({"up", "--lock-key", "-010", "--migrations", "m"}).asked.up.lock_key, -10);
  EXPECT_EQ(parse({"up", "--lock-retries", "010", "--migrations", "m"}).asked.up.lock_retries.times,
            10);
}

TEST(CommandLine, RefusesANumberThatIsNone) {
  for (const std::vector<const char*>& words :
       std::vector<std::vector<const char*>>{{"accept", "0x10"},
                                             {"accept", "-1"},
                                             {"accept", "1e3"},
                                             {"accept", "9223372036854775808"},
                                             {"resume", "1", "--from", "0"},
                                             {"resume", "1", "--from", "2147483648"},
                                             {"resume", "1", "--from", "END"},
                                             {"down", "--steps", "0"},
                                             {"down", "--steps", ""},
                                             {"down", "--to", "-1"},
                                             {"down", "--to", ""},
                                             {"up", "--lock-retries", "1001"},
                                             {"up", "--lock-retries", "-1"},
                                             {"up", "--lock-key", "9223372036854775808"}}) {
    std::vector<const char*> all = words;
    all.insert(all.end(), {"--migrations", "m"});
    const CommandLine line = parse(all);
    EXPECT_EQ(line.exit_code, 64) << words.back();
    EXPECT_NE(line.err.find("error[bad-number]"), std::string::npos) << line.err;
  }
  EXPECT_EQ(
      parse({"up", "--migrations", "m", "--lock-retries", "many"}).err,
      "error[bad-number]: --lock-retries \"many\" is not a whole number from 0 and at most 1000\n"
      "  fix:   write it in decimal digits; `007` is 7\n");
}

// It would have been a `down` to version 0.
TEST(CommandLine, TakesNoValueForAFlag) {
  for (const std::vector<const char*>& words :
       std::vector<std::vector<const char*>>{{"down", "--migrations", "m", "--all=false"},
                                             {"up", "--migrations", "m", "--strict=false"},
                                             {"up", "--migrations", "m", "--no-verify=0"},
                                             {"status", "--migrations", "m", "--json=false"}}) {
    const CommandLine line = parse(words);
    EXPECT_EQ(line.exit_code, 64) << words.back();
    EXPECT_FALSE(line.run);
  }
  EXPECT_TRUE(parse({"down", "--migrations", "m", "--all"}).run);
}

// `--database "$STAGING"`, and the environment's database is production's.
TEST(CommandLine, RefusesADatabaseOrAFolderThatIsEmpty) {
  EXPECT_EQ(parse({"down", "--all", "--migrations", "m", "--database", ""}).err,
            "--database is empty: give it a value, or leave it out\n");
  EXPECT_EQ(parse({"up", "--migrations", "", "--database", "sqlite:x"}).err,
            "--migrations is empty: give it a value, or leave it out\n");
  EXPECT_EQ(parse({"up", "--migrations", "m", "--database="}).exit_code, 64);
}

TEST(CommandLine, TakesTheDatabaseOfTheEnvironmentAndItsDefaults) {
  const CommandLine line = parse({"check", "--migrations", "m", "--json"});
  ASSERT_TRUE(line.run) << line.err;
  EXPECT_EQ(line.asked.command, Command::check);
  EXPECT_EQ(line.asked.database, "postgresql://h/d");
  EXPECT_EQ(line.asked.up.lock_wait_max, std::chrono::minutes(10));
  EXPECT_EQ(line.asked.format, Format::json);
  EXPECT_EQ(line.asked.up.lock_key, 0);
  EXPECT_EQ(line.asked.up.lock_retries.times, 20);
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
    EXPECT_EQ(parse({url, "up"}).err.find("S3cr3t"), std::string::npos) << url;
    EXPECT_EQ(parse({"up", "--migrations", "m", "--wait", url}).err.find("S3cr3t"),
              std::string::npos)
        << url;
    EXPECT_EQ(parse({"accept", url, "--migrations", "m"}).err.find("S3cr3t"), std::string::npos)
        << url;
  }
}

TEST(CommandLine, HelpsWithExamplesForEveryCommand) {
  for (const char* command :
       {"up", "down", "status", "check", "plan", "accept", "resume", "forget"}) {
    const CommandLine line = parse({command, "--help"});
    EXPECT_EQ(line.exit_code, 0);
    EXPECT_NE(line.out.find(std::string("  gauntlet-migrate ") + command), std::string::npos)
        << line.out;
    EXPECT_NE(line.out.find("--migrations"), std::string::npos);
    EXPECT_NE(line.out.find("Example"), std::string::npos);
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
