// What scripts and people read of the program, end to end: its texts, its JSON, its exit codes.
#include "harness/reference/processes_test.h"
#include "harness/reference/server_fixture_test.h"

#include <sstream>

#include <nlohmann/json.hpp>

namespace gauntlet::runner {
namespace {

using nlohmann::json;
using process::Process;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;

class Output : public OnServer {
 protected:
  process::Command command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--migrations", folder_.string()});
    return migrate_command(std::move(arguments), server_->local().url());
  }
  process::Finished finish(const std::vector<std::string>& arguments) const {
    return process::run(command(arguments), process_patience);
  }

  /// A migration that stands still while this session lives.
  std::unique_ptr<Session> write_migration_that_waits() const {
    auto gate = connect();
    gate->send("SELECT pg_advisory_lock(4242)");
    write("1_waits.up.sql", "SELECT pg_advisory_xact_lock(4242)");
    return gate;
  }

  /// `script` gives it a terminal of that kind.
  process::Command on_terminal(const std::string& kind, std::vector<std::string> arguments) const {
    process::Command command = this->command(std::move(arguments));
    std::string line;
    for (const std::string& word : command.argv) line += "'" + word + "' ";
    command.argv = {"script", "-qefc", line, "/dev/null"};
    command.environment["TERM"] = kind;
    return command;
  }

  /// Until a stream of it holds `text`: all of that stream so far, also if it never does.
  static std::string until(Process& running, const std::string& (Process::*stream)() const,
                           const std::string& text) {
    const auto deadline = std::chrono::steady_clock::now() + process_patience;
    while ((running.*stream)().find(text) == std::string::npos && !running.exit() &&
           std::chrono::steady_clock::now() < deadline) {
      running.wait_for(std::chrono::milliseconds(20));
    }
    return (running.*stream)();
  }

  static std::vector<json> lines_of(const std::string& text) {
    std::vector<json> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
    return lines;
  }
  static std::vector<std::string> events_of(const std::vector<json>& lines) {
    std::vector<std::string> events;
    events.reserve(lines.size());
    for (const json& line : lines) events.push_back(line.at("event"));
    return events;
  }
};

TEST_F(Output, OfUpAndDownIsALineAMigrationAndACount) {
  for (const char* name : {"1_a", "2_b", "3_c"}) {
    const std::string table = std::string("t").append(1, name[0]);
    write(std::string(name) + ".up.sql", "CREATE TABLE " + table + "()");
    write(std::string(name) + ".down.sql", "DROP TABLE " + table);
  }
  EXPECT_THAT(finish({"up"}).out, MatchesRegex("applied 1 \\(a\\) in [0-9.]+ m?s\n"
                                               "applied 2 \\(b\\) in [0-9.]+ m?s\n"
                                               "applied 3 \\(c\\) in [0-9.]+ m?s\n"
                                               "3 applied in [0-9.]+ m?s\n"));
  EXPECT_EQ(finish({"down"}).exit.code, 64);
  EXPECT_THAT(finish({"down", "--steps", "1"}).out,
              MatchesRegex("rolled back 3 \\(c\\) in [0-9.]+ m?s\n1 rolled back in [0-9.]+ m?s\n"));
  EXPECT_EQ(value("SELECT to_regclass('t2') IS NOT NULL AND to_regclass('t3') IS NULL"), "t");
  const auto lines = lines_of(finish({"down", "--to", "1", "--jsonl"}).out);
  EXPECT_THAT(events_of(lines), ElementsAre("run-started", "migration-started",
                                            "migration-finished", "run-finished"));
  EXPECT_EQ(lines.front().at("direction"), "down");
  EXPECT_EQ(lines.back().at("rolled_back"), 1);
  EXPECT_EQ(finish({"down", "--all"}).exit.code, 0);
  EXPECT_EQ(value("SELECT count(*) FROM applied_migrations"), "0");
}

TEST_F(Output, HoldsNothingThatSteersATerminalWhateverFilesAndServerSay) {
  const std::string steering = "\x1b[31mX\x07\xC2\x9B\xE2\x80\xAEZ";
  write("1_a" + steering + ".up.sql", "SELECT 1");
  write("2_b.up.sql", "DO $$ BEGIN RAISE EXCEPTION '" + steering + "'; END $$");
  std::string shown;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"plan"},
                                             {"up"},
                                             {"up", "--jsonl"},
                                             {"status"},
                                             {"status", "--json"},
                                             {"check"},
                                             {"plan", "--json"},
                                             {"down", "--to", "0"},
                                             {steering}}) {
    const auto finished = finish(words);
    shown += finished.out + finished.err;
  }
  EXPECT_THAT(shown, HasSubstr("Z"));
  for (const char* raw : {"\x1b", "\x07", "\xC2\x9B", "\xE2\x80\xAE"})
    EXPECT_EQ(shown.find(raw), std::string::npos) << shown;
}

TEST_F(Output, NamesAcceptForAnEditAndAcceptRecordsIt) {
  write("1_a.up.sql", "SELECT 1");
  ASSERT_EQ(finish({"up"}).exit.code, 0);
  write("1_a.up.sql", "SELECT 1 -- better told");
  const auto refused = finish({"up"});
  EXPECT_EQ(refused.exit.code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("error[edited-after-apply]"),
                                 HasSubstr("gauntlet-migrate accept 1")));
  EXPECT_EQ(finish({"accept", "1"}).exit.code, 0);
  EXPECT_EQ(finish({"up"}).exit.code, 0);
  EXPECT_THAT(finish({"accept", "7"}).err, HasSubstr("error[unknown-version]"));
}

TEST_F(Output, TellsWhereAMigrationStoppedAndResumeGoesOn) {
  write("1_a.up.sql",
        "-- gauntlet: no-transaction\nCREATE TABLE t(); INSERT INTO later VALUES (1)");
  EXPECT_EQ(finish({"up"}).exit.code, 1);
  EXPECT_THAT(finish({"status"}).out, HasSubstr("in-progress  statement 2 of 2"));
  EXPECT_EQ(finish({"check"}).exit.code, 3);
  EXPECT_THAT(finish({"up"}).err, AllOf(HasSubstr("gauntlet-migrate resume 1"),
                                        HasSubstr("gauntlet-migrate forget 1")));
  run("CREATE TABLE later(x int)");
  EXPECT_THAT(finish({"resume", "1"}).out, MatchesRegex("applied 1 \\(a\\) in [0-9.]+ m?s\n"));
  EXPECT_EQ(value("SELECT count(*) FROM later"), "1");
  EXPECT_EQ(finish({"check"}).exit.code, 0);
}

TEST_F(Output, ForgetLetsAMigrationRunFromItsStart) {
  write("1_a.up.sql",
        "-- gauntlet: no-transaction\nCREATE TABLE t(); INSERT INTO later VALUES (1)");
  EXPECT_EQ(finish({"up"}).exit.code, 1);
  run("DROP TABLE t; CREATE TABLE later(x int)");
  EXPECT_EQ(finish({"forget", "1"}).exit.code, 0);
  EXPECT_EQ(finish({"up"}).exit.code, 0);
  EXPECT_EQ(value("SELECT to_regclass('t') IS NOT NULL"), "t");
  EXPECT_THAT(finish({"forget", "1"}).err, HasSubstr("error[not-in-progress]"));
}

TEST_F(Output, SaysThatALongMigrationStillRunsWhereNobodyWatches) {
  auto gate = write_migration_that_waits();
  Process running = Process::start(command({"up", "--heartbeat", "50ms"}));
  EXPECT_THAT(until(running, &Process::err, "running for"),
              HasSubstr("[1/1] 1 (waits) has been running for "));
  gate.reset();
  EXPECT_TRUE(running.wait_for(process_patience)->ok());
}

TEST_F(Output, SaysThatALongMigrationStillRunsAsJson) {
  auto gate = write_migration_that_waits();
  Process running = Process::start(command({"up", "--heartbeat", "50ms", "--jsonl"}));
  EXPECT_THAT(until(running, &Process::out, "migration-running"),
              HasSubstr(R"({"event":"migration-running","version":1,"name":"waits","seconds":)"));
  gate.reset();
  EXPECT_TRUE(running.wait_for(process_patience)->ok());
  EXPECT_THAT(running.err(), IsEmpty());
}

TEST_F(Output, MovesOneLineOnATerminal) {
  auto gate = write_migration_that_waits();
  Process running = Process::start(on_terminal("xterm", {"up"}));
  EXPECT_THAT(until(running, &Process::out, "…"), HasSubstr("\r\033[K[1/1] 1 (waits) … "));
  gate.reset();
  EXPECT_TRUE(running.wait_for(process_patience)->ok());
  EXPECT_THAT(running.out(), HasSubstr("\r\033[Kapplied 1 (waits) in "));
}

TEST_F(Output, MovesNoLineOnATerminalThatCannot) {
  const auto gate = write_migration_that_waits();
  Process running = Process::start(on_terminal("dumb", {"up", "--heartbeat", "50ms"}));
  EXPECT_THAT(until(running, &Process::out, "running for"),
              AllOf(HasSubstr("[1/1] 1 (waits) has been running for"), Not(HasSubstr("\033"))));
}

TEST_F(Output, AsJsonLinesTellsEveryEventOfARunThatFails) {
  write("1_a.up.sql", "SELECT 1");
  write("2_b.up.sql", "SELECT 1;\nSELECT nothing");
  const auto failed = finish({"up", "--jsonl"});
  EXPECT_EQ(failed.exit.code, 1);
  const auto lines = lines_of(failed.out);
  ASSERT_THAT(events_of(lines), ElementsAre("run-started", "migration-started",
                                            "migration-finished", "migration-started", "error"));
  EXPECT_EQ(lines[0], json({{"event", "run-started"}, {"pending", 2}}));
  EXPECT_EQ(lines[1], json({{"event", "migration-started"},
                            {"version", 1},
                            {"name", "a"},
                            {"number", 1},
                            {"count", 2}}));
  EXPECT_TRUE(lines[2].at("seconds").is_number_float());
  const json& error = lines[4];
  EXPECT_EQ(error.size(), 5U);
  EXPECT_EQ(error.at("code"), "migration-failed");
  EXPECT_THAT(error.at("message").get<std::string>(),
              HasSubstr("column \"nothing\" does not exist"));
  EXPECT_THAT(error.at("where").get<std::string>(), HasSubstr("2_b.up.sql:2:8"));
  EXPECT_THAT(error.at("fix").get<std::string>(), HasSubstr("gauntlet-migrate up"));
  EXPECT_THAT(failed.err, HasSubstr("error[migration-failed]"));
}

TEST_F(Output, OfStatusAsJsonTellsEveryStateOfAMigration) {
  for (const char* name : {"1_init", "2_gone", "3_called", "4_told"}) {
    write(std::string(name) + ".up.sql", "SELECT 1");
  }
  write("5_half.up.sql", "-- gauntlet: no-transaction\nSELECT 1; SELECT 1/0");
  EXPECT_EQ(finish({"up"}).exit.code, 1);
  std::filesystem::remove(folder_ / "2_gone.up.sql");
  std::filesystem::rename(folder_ / "3_called.up.sql", folder_ / "3_renamed.up.sql");
  write("4_told.up.sql", "SELECT 2");
  write("6_next.up.sql", "SELECT 1");
  const auto told = finish({"status", "--json"});
  EXPECT_EQ(told.exit.code, 0);
  const json status = json::parse(told.out);
  EXPECT_EQ(status.at("schema"), 1);
  EXPECT_EQ(status.at("state"), "incompatible");
  EXPECT_EQ(status.at("known_max"), 6);
  std::vector<std::string> states;
  for (const json& migration : status.at("migrations")) {
    states.push_back(to_string(migration.at("version")) + " " +
                     migration.at("name").get<std::string>() + " " +
                     migration.at("state").get<std::string>());
    const bool applied = !migration.at("applied_at").is_null();
    EXPECT_EQ(applied, migration.at("version") < 5) << migration;
    EXPECT_EQ(migration.at("checksum").is_null(), migration.at("version") == 6) << migration;
  }
  EXPECT_THAT(states, ElementsAre("1 init applied", "2 gone unknown", "3 renamed renamed",
                                  "4 told edited", "5 half in-progress", "6 next pending"));
  EXPECT_THAT(status.at("migrations")[0].at("applied_at").get<std::string>(),
              MatchesRegex("20[0-9-]{8}T[0-9:]{8}\\.[0-9]{6}Z"));
  EXPECT_EQ(status.at("migrations")[0].at("checksum").get<std::string>().size(), 64U);
}

}  // namespace
}  // namespace gauntlet::runner
