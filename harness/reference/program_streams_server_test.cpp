// The program where its streams are closed, full or unread, and where signals are ignored or
// doubled: what surrounds it costs it words, never a migration.
#include "harness/reference/processes_test.h"
#include "harness/reference/server_fixture_test.h"

#include <csignal>

#include <nlohmann/json.hpp>

namespace gauntlet::runner {
namespace {

using process::Process;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Streams : public OnServer {
 protected:
  /// The program as a shell starts it: `script` says how its `"$@"` is run.
  process::Command shell(const std::string& script, std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--migrations", folder_.string()});
    process::Command command = migrate_command(std::move(arguments), server_->local().url());
    command.argv.insert(command.argv.begin(), {"/bin/sh", "-c", script, "sh"});
    return command;
  }
  process::Finished finish(const std::string& script, std::vector<std::string> arguments) const {
    return process::run(shell(script, std::move(arguments)), process_patience);
  }
  std::string applied() const {
    return value("SELECT string_agg(version::text, ',' ORDER BY version) FROM applied_migrations");
  }
  /// A first migration that stands still while this session lives.
  std::unique_ptr<Session> write_migration_that_waits() const {
    auto gate = connect();
    gate->send("SELECT pg_advisory_lock(4242)");
    write("1_waits.up.sql", "SELECT pg_advisory_xact_lock(4242)");
    return gate;
  }
  bool it_waits() const {
    return eventually(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)");
  }
};

// Its number would be the database connection's, and the first line printed the end of it.
TEST_F(Streams, ThatAreClosedAreNotTheServersConnection) {
  write("1_a.up.sql", "SELECT 1");
  write("2_b.up.sql", "DO $$BEGIN RAISE WARNING 'said'; END$$");
  write("3_c.up.sql", "SELECT 3");
  const auto up = finish(R"(exec "$@" <&- >&- 2>&-)", {"up"});
  EXPECT_EQ(up.exit.code, 0);
  EXPECT_EQ(applied(), "1,2,3");
}

TEST_F(Streams, WhoseReaderHasGoneEndNoMigration) {
  write("1_a.up.sql", "SELECT 1");
  write("2_b.up.sql", "SELECT 2");
  const std::string pipe = "mkfifo '" + (folder_ / "pipe").string() + "'; exec 3<>'" +
                           (folder_ / "pipe").string() + "' 4>'" + (folder_ / "pipe").string() +
                           "' 3>&-; exec \"$@\" >&4 4>&-";
  const auto up = finish(pipe, {"up", "--jsonl"});
  EXPECT_EQ(up.exit.code, 0) << up.exit.text() << up.err;
  EXPECT_THAT(up.err, HasSubstr("warning: standard output could not be written (Broken pipe): what "
                                "it would say is lost, and the run goes on"));
  EXPECT_EQ(applied(), "1,2");
}

TEST_F(Streams, ThatAreFullAreToldAndOnlyAnAnswerFailsForThem) {
  write("1_a.up.sql", "SELECT 1");
  const std::string full = R"(exec "$@" >/dev/full)";
  const auto check = finish(full, {"check"});
  EXPECT_EQ(check.exit.code, 3);
  EXPECT_THAT(check.err, HasSubstr("error[output-lost]: standard output could not be written: No "
                                   "space left on device"));
  EXPECT_EQ(finish(full, {"status", "--json"}).exit.code, 1);
  EXPECT_EQ(finish(full, {"plan"}).exit.code, 1);
  EXPECT_EQ(finish(full, {"plan", "--help"}).exit.code, 1);
  const auto up = finish(full, {"up"});
  EXPECT_EQ(up.exit.code, 0);
  EXPECT_THAT(up.err, HasSubstr("warning: standard output could not be written (No space left"));
  EXPECT_EQ(applied(), "1");
}

TEST_F(Streams, HoldAFailureAsJsonWhereAnAnswerWasAskedForAsJson) {
  const auto check = finish(
      R"(exec "$@")", {"check", "--json", "--database", "postgresql://me:hush@127.0.0.1:1/x"});
  EXPECT_EQ(check.exit.code, 3);
  const auto answer = nlohmann::json::parse(check.out);
  EXPECT_EQ(answer.at("schema"), 1);
  EXPECT_EQ(answer.at("error").at("code"), "connect-failed");
  EXPECT_THAT(check.out, Not(HasSubstr("hush")));
}

TEST_F(Streams, TellOfFilesThatArePassedOverWhoeverLooks) {
  write("1_a.up.sql", "SELECT 1");
  write("2_b.sql", "SELECT 2");
  for (const char* name : {"check", "status", "plan", "up"}) {
    SCOPED_TRACE(name);
    const auto looked = finish(R"(exec "$@")", {name});
    EXPECT_THAT(looked.err, AllOf(HasSubstr("warning: "), HasSubstr("2_b.sql")));
    EXPECT_THAT(looked.out, Not(HasSubstr("2_b.sql")));
  }
}

using Signals = Streams;

TEST_F(Signals, OfATerminalThatIsClosedLeaveNothingBehind) {
  const auto gate = write_migration_that_waits();
  Process up = Process::start(shell(R"(exec "$@")", {"up"}));
  ASSERT_TRUE(it_waits());
  up.signal(SIGHUP);
  EXPECT_EQ(up.wait_for(process_patience)->code, 129) << up.exit()->text();
  EXPECT_THAT(up.err(), HasSubstr("error[interrupted]"));
}

TEST_F(Signals, ThatWereIgnoredAtItsStartStaySo) {
  for (const auto& [name, number] : {std::pair{"HUP", SIGHUP}, std::pair{"INT", SIGINT}}) {
    SCOPED_TRACE(name);
    auto gate = write_migration_that_waits();
    Process up = Process::start(shell("trap '' " + std::string(name) + R"(; exec "$@")", {"up"}));
    ASSERT_TRUE(it_waits());
    up.signal(number);
    gate.reset();
    EXPECT_EQ(up.wait_for(process_patience)->code, 0) << up.exit()->text() << up.err();
    run("DELETE FROM applied_migrations");
  }
}

// The server process stands still, so that nothing answers the first.
TEST_F(Signals, OfWhicheverKindEndItAtOnceTheSecondTime) {
  const auto gate = write_migration_that_waits();
  Process up = Process::start(shell(R"(exec "$@")", {"up"}));
  ASSERT_TRUE(it_waits());
  const pid_t stopped =
      std::stoi(value("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"));
  ASSERT_EQ(kill(stopped, SIGSTOP), 0);
  up.signal(SIGINT);
  up.signal(SIGTERM);
  const auto exit = up.wait_for(std::chrono::seconds(5));
  kill(stopped, SIGCONT);
  ASSERT_TRUE(exit.has_value());
  EXPECT_THAT(exit->code, AnyOf(143, 130)) << exit->text();  // whichever came second
}

}  // namespace
}  // namespace gauntlet::runner
