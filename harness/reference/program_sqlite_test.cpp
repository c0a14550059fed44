// The program on SQLite, as production runs it: real processes on one file.
#include "harness/reference/processes_test.h"
#include "runner/sqlite_fixture_test.h"

#include <cmath>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace gauntlet::runner {
namespace {

using process::Process;
using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;

class ProgramOnSqlite : public OnFile {
 protected:
  process::Command command(const std::string& name,
                           const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{name, "--migrations", (folder_ / "migrations").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return migrate_command(std::move(arguments), url());
  }
  process::Finished finish(const std::string& name,
                           const std::vector<std::string>& more = {}) const {
    return process::run(command(name, more), process_patience);
  }

  /// A migration that runs while `gate` has a row, after it has written.
  void write_migration_that_waits(const std::string& head = "") const {
    run("CREATE TABLE gate(x); INSERT INTO gate VALUES (1)");
    write("1_waits.up.sql", head +
                                "CREATE TABLE t(x);\n"
                                "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT 1 FROM c"
                                " WHERE EXISTS (SELECT 1 FROM gate)) SELECT count(*) FROM c;\n");
  }

  void expect_that_sixteen_apply_each_once(const std::string& journal_mode,
                                           const process::Command& up) const {
    write("1_journal.up.sql", "CREATE TABLE journal(x)");
    for (int version = 2; version < 7; ++version) {
      write(std::to_string(version) + "_data.up.sql",
            "INSERT INTO journal VALUES (" + std::to_string(version) + ")");
    }
    if (journal_mode == "wal") run("PRAGMA journal_mode = WAL");
    EXPECT_THAT(codes_of_sixteen(up), Each(0));
    EXPECT_EQ(value("SELECT group_concat(x) FROM journal"), "2,3,4,5,6");
    EXPECT_EQ(value("PRAGMA integrity_check"), "ok");
    start_anew();
  }

  /// Asks again until `holds`; false after a minute.
  template <typename Condition>
  bool eventually(Condition holds) const {
    const auto session = open();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < deadline) {
      if (holds(*session)) return true;
      session->wait_for_notification(std::chrono::milliseconds(2), -1);
    }
    return false;
  }
  static std::string asked(Session& session, const std::string& sql) {
    try {
      const Result result = session.send(sql).front();
      return result.rows.empty() ? "" : result.rows.front().front().value_or("null");
    } catch (const SqlError& error) {
      return error.said().sqlite_code;
    }
  }
  void start_anew() const {
    std::filesystem::remove_all(folder_ / "data");
    std::filesystem::create_directory(folder_ / "data");
  }

  // The tracker stands and has no row: who has the lock runs the migration.
  bool the_migration_has_written() const {
    return eventually([&](Session& session) {
      return asked(session, "SELECT count(*) FROM applied_migrations") == "0" && is_locked() &&
             (exists("-journal") || exists("-wal"));
    });
  }
  // Then it is in the long statement: what comes before it is done in a fraction of that time.
  bool it_has_run_for(const Process& writer, std::chrono::nanoseconds time) const {
    const auto start = processor_time_of(writer.pid());
    return eventually([&](Session&) { return processor_time_of(writer.pid()) - start > time; });
  }
  static std::chrono::nanoseconds processor_time_of(pid_t process) {
    clockid_t clock{};
    timespec time{};
    clock_getcpuclockid(process, &clock);
    clock_gettime(clock, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }
  bool exists(const char* suffix) const {
    return std::filesystem::exists(file().string() + suffix);
  }
  bool is_locked() const {
    const auto session = open();
    session->limit({.lock_wait = std::chrono::milliseconds(0)});
    return asked(*session, "BEGIN IMMEDIATE") == "SQLITE_BUSY";
  }
};

TEST_F(ProgramOnSqlite, SixteenCopiesOnANewFileApplyEachMigrationOnce) {
  for (const char* mode : {"delete", "wal"}) {
    SCOPED_TRACE(mode);
    expect_that_sixteen_apply_each_once(mode, command("up"));
  }
}

#ifdef GAUNTLET_SLOW_FILES
TEST_F(ProgramOnSqlite, SixteenCopiesOnASlowDiskApplyEachMigrationOnce) {
  process::Command slow = command("up");
  slow.environment.emplace("LD_PRELOAD", GAUNTLET_SLOW_FILES);
  // What cannot be preloaded is passed over, and all would be as fast as ever.
  const process::Command maps{.argv = {"/bin/cat", "/proc/self/maps"},
                              .environment = slow.environment};
  ASSERT_THAT(process::run(maps, process_patience).out, HasSubstr(GAUNTLET_SLOW_FILES));
  for (const char* mode : {"delete", "delete", "delete", "wal", "delete", "delete", "delete"}) {
    SCOPED_TRACE(mode);
    expect_that_sixteen_apply_each_once(mode, slow);
  }
}
#endif

TEST_F(ProgramOnSqlite, SixteenCopiesRunWhatStandsOutsideATransactionOnce) {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  write(
      "2_b.up.sql",
      "-- gauntlet: no-transaction\nINSERT INTO t VALUES (1);\nVACUUM;\nINSERT INTO t VALUES (2)");
  write("3_c.up.sql", "INSERT INTO t VALUES (3)");
  EXPECT_THAT(codes_of_sixteen(command("up")), Each(0));
  EXPECT_EQ(value("SELECT group_concat(x) FROM t"), "1,2,3");
  EXPECT_THAT(files(), Not(Contains(Key("app.db-migrating"))));
}

TEST_F(ProgramOnSqlite, AKilledCopyLeavesNothingOfItsMigration) {
  for (const char* mode : {"delete", "wal"}) {
    SCOPED_TRACE(mode);
    run(std::string("PRAGMA journal_mode = ") + mode);
    write_migration_that_waits();
    Process killed = Process::start(command("up"));
    ASSERT_TRUE(the_migration_has_written()) << killed.err();
    killed.kill_group();
    killed.wait_for(process_patience);
    EXPECT_EQ(value("SELECT count(*) FROM sqlite_schema WHERE name = 't'"), "0");
    run("DELETE FROM gate");
    const auto again = finish("up");
    EXPECT_EQ(again.exit.code, 0) << again.err;
    EXPECT_EQ(value("SELECT count(*) FROM t"), "0");
    EXPECT_EQ(value("SELECT group_concat(version) FROM applied_migrations"), "1");
    start_anew();
  }
}

TEST_F(ProgramOnSqlite, LooksBesideAWriterWithoutATrace) {
  for (const char* mode : {"delete", "wal"}) {
    SCOPED_TRACE(mode);
    run(std::string("PRAGMA journal_mode = ") + mode);
    write_migration_that_waits();
    Process writer = Process::start(command("up"));
    ASSERT_TRUE(the_migration_has_written()) << writer.err();
    ASSERT_TRUE(it_has_run_for(writer, std::chrono::milliseconds(100)));
    const auto before = files();
    for (const char* name : {"check", "status", "plan"}) {
      EXPECT_THAT(finish(name).out, AnyOf(HasSubstr("pending [1]"), HasSubstr("1 pending")));
    }
    EXPECT_THAT(finish("status").out, HasSubstr(fmt::format("writer: process {} (", writer.pid())));
    EXPECT_THAT(finish("status", {"--json"}).out,
                HasSubstr(fmt::format("\"lock_holder\":{{\"pid\":{},", writer.pid())));
    EXPECT_TRUE(files() == before);
    writer.kill_group();
    writer.wait_for(process_patience);
    start_anew();
  }
}

TEST_F(ProgramOnSqlite, AKilledCopyOutsideATransactionIsToldAndResumed) {
  write_migration_that_waits("-- gauntlet: no-transaction\n");
  Process killed = Process::start(command("up"));
  ASSERT_TRUE(eventually([](Session& session) {
    return asked(session, "SELECT statement_index FROM applied_migrations_in_progress") == "2";
  }));
  EXPECT_THAT(finish("status").out, HasSubstr(fmt::format("writer: process {} (", killed.pid())));
  Process waiter = Process::start(command("up"));
  const auto early = finish("resume", {"1", "--wait", "50ms"});
  EXPECT_EQ(early.exit.code, 1);
  EXPECT_THAT(early.err, HasSubstr("error[lock-timeout]"));
  const auto check = finish("check");
  EXPECT_EQ(check.exit.code, 3);
  EXPECT_EQ(check.out, "could not tell: in-progress [1 at statement 2 of 2]\n");
  killed.kill_group();
  EXPECT_EQ(waiter.wait_for(process_patience)->code, 1);
  EXPECT_THAT(
      waiter.err(),
      AllOf(HasSubstr("error[in-progress]: migration 1 (waits) stopped at statement 2 of 2"),
            HasSubstr("1_waits.up.sql:3:1, begun "), HasSubstr("`gauntlet-migrate resume 1`")));
  run("DELETE FROM gate");
  EXPECT_EQ(finish("resume", {"1"}).exit.code, 0);
  EXPECT_EQ(finish("check").exit.code, 0);
}

TEST_F(ProgramOnSqlite, ASignalEndsAStatementAndAWaiter) {
  write_migration_that_waits();
  Process running = Process::start(command("up"));
  ASSERT_TRUE(the_migration_has_written());
  Process waiter = Process::start(command("up", {"--jsonl"}));
  ASSERT_TRUE(eventually([&](Session&) {
    waiter.wait_for(std::chrono::milliseconds(5));
    return waiter.out().find("\"waiting\"") != std::string::npos;
  }));
  EXPECT_THAT(waiter.out(),
              HasSubstr("(gauntlet-migrat), which has the lock on " + file().string()));
  waiter.signal(SIGTERM);
  EXPECT_EQ(waiter.wait_for(process_patience)->code, 143);
  running.signal(SIGINT);
  EXPECT_EQ(running.wait_for(process_patience)->code, 130);
  EXPECT_THAT(
      running.err(),
      HasSubstr("error[interrupted]: migration 1 (waits): interrupted while a statement ran"));
  EXPECT_EQ(value("SELECT count(*) FROM sqlite_schema WHERE name = 't'"), "0");
}

TEST_F(ProgramOnSqlite, LeavesABusyDatabaseAtItsTimeout) {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  const auto writer = open();
  writer->send("BEGIN EXCLUSIVE");
  const auto up = finish("up", {"--wait", "100ms"});
  EXPECT_EQ(up.exit.code, 1);
  EXPECT_THAT(
      up.err,
      AllOf(HasSubstr("database is locked: another connection holds its lock (SQLITE_BUSY)"),
            HasSubstr("--wait")));
  const auto check = finish("check");
  EXPECT_EQ(check.exit.code, 3);
  EXPECT_THAT(check.err, HasSubstr("error[busy]: a writer has the database to himself"));
}

TEST_F(ProgramOnSqlite, AnswersByExitCodeAndTouchesNothing) {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  write("1_a.down.sql", "DROP TABLE t");
  run("CREATE TABLE before(x)");
  const auto before = files();
  const auto pending = finish("check");
  EXPECT_EQ(pending.exit.code, 1);
  EXPECT_EQ(pending.out, "migrations needed: pending [1]\n");
  EXPECT_THAT(finish("plan").out, HasSubstr("1 (a)  in a transaction\n1 pending, 0 problems"));
  EXPECT_THAT(finish("status").out, HasSubstr("1  a     pending"));
  EXPECT_EQ(files(), before);
  EXPECT_EQ(finish("up").exit.code, 0);
  const auto compatible = finish("check");
  EXPECT_EQ(compatible.exit.code, 0);
  EXPECT_EQ(compatible.out, "compatible: 1 applied\n");
  EXPECT_THAT(finish("status", {"--json"}).out,
              AllOf(HasSubstr("\"tracker\":\"main.applied_migrations\""),
                    HasSubstr("\"lock_holder\":null")));
  run("INSERT INTO applied_migrations(version, name) VALUES (99, 'z')");
  EXPECT_EQ(finish("check").exit.code, 2);
  EXPECT_EQ(finish("down", {"--all"}).exit.code, 0);
  EXPECT_EQ(value("SELECT group_concat(version) FROM applied_migrations"), "99");
  write("1_a.up.sql", "CREATE TABLE u(x)");
  EXPECT_EQ(finish("up").exit.code, 0);
  write("1_a.up.sql", "CREATE TABLE u(x) -- edited");
  EXPECT_EQ(finish("up").exit.code, 1);
  EXPECT_EQ(finish("accept", {"1"}).exit.code, 0);
  EXPECT_EQ(finish("up").exit.code, 0);
}

// The program brings libm when one of them is called.
TEST_F(ProgramOnSqlite, ComputesEveryFunctionThatSqlHas) {
  const std::map<std::string, double> results{
      {"acos(0.3)", std::acos(0.3)},   {"acosh(1.3)", std::acosh(1.3)},
      {"asin(0.3)", std::asin(0.3)},   {"asinh(0.3)", std::asinh(0.3)},
      {"atan(0.3)", std::atan(0.3)},   {"atan2(0.3, -2)", std::atan2(0.3, -2)},
      {"atanh(0.3)", std::atanh(0.3)}, {"ceil(0.3)", 1},
      {"cos(0.3)", std::cos(0.3)},     {"cosh(0.3)", std::cosh(0.3)},
      {"exp(0.3)", std::exp(0.3)},     {"floor(0.3)", 0},
      {"ln(0.3)", std::log(0.3)},      {"log10(0.3)", std::log10(0.3)},
      {"log2(0.3)", std::log2(0.3)},   {"log(3, 0.3)", std::log(0.3) / std::log(3)},
      {"mod(7.5, -2)", 1.5},           {"power(0.3, 1.7)", std::pow(0.3, 1.7)},
      {"sin(0.3)", std::sin(0.3)},     {"sinh(0.3)", std::sinh(0.3)},
      {"sqrt(0.3)", std::sqrt(0.3)},   {"tan(0.3)", std::tan(0.3)},
      {"tanh(0.3)", std::tanh(0.3)},   {"trunc(-1.3)", -1}};
  std::string migration = "CREATE TABLE computed (call, result);\n";
  for (const auto& [call, result] : results) {
    migration += fmt::format("INSERT INTO computed VALUES ('{0}', {0});\n", call);
  }
  write("1_computes.up.sql", migration);
  const auto finished = finish("up");
  ASSERT_EQ(finished.exit.code, 0) << finished.err;
  for (const auto& [call, result] : results) {
    const auto computed = value("SELECT result FROM computed WHERE call = '" + call + "'");
    EXPECT_NEAR(std::stod(computed), result, 1e-12) << call;
  }
}

TEST_F(ProgramOnSqlite, MakesNoFileButForUp) {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  for (const std::string name : {"down", "accept", "resume", "forget", "status", "check", "plan"}) {
    SCOPED_TRACE(name);
    std::vector<std::string> more;
    if (name == "down") more = {"--all"};
    if (std::set<std::string>{"accept", "resume", "forget"}.contains(name)) more = {"1"};
    const auto finished = finish(name, more);
    EXPECT_EQ(finished.exit.code, name == "check" ? 3 : 1);
    EXPECT_THAT(finished.err, AllOf(HasSubstr("error[no-such-database]: there is no such file"),
                                    HasSubstr(file().string())));
  }
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(ProgramOnSqlite, CannotTellOfWhatIsNoDatabaseOrHasNoFolder) {
  std::ofstream(file()) << std::string(2000, 'x');
  for (const std::string name : {"check", "up"}) {
    const auto finished = finish(name);
    EXPECT_EQ(finished.exit.code, name == "check" ? 3 : 1);
    EXPECT_THAT(finished.err, AllOf(HasSubstr("file is not a database (SQLITE_NOTADB)"),
                                    HasSubstr("check --database")));
  }
  const auto up = finish("up", {"--database", "sqlite:" + (folder_ / "none/app.db").string()});
  EXPECT_EQ(up.exit.code, 1);
  EXPECT_THAT(up.err, HasSubstr("there is no folder " + (folder_ / "none").string()));
}

// Nothing is forbidden to root, who therefore asks as somebody else.
TEST_F(ProgramOnSqlite, LooksAtWhatItMayNotWriteAndSaysSoOfUp) {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  up();
  write("2_b.up.sql", "CREATE TABLE u(x)");
  using Permissions = std::filesystem::perms;
  constexpr Permissions looks{0444}, enters{0555};
  std::filesystem::permissions(file(), looks);
  for (const auto& folder : {folder_ / "data", folder_ / "migrations", folder_})
    std::filesystem::permissions(folder, enters);
  for (const auto& each : std::filesystem::directory_iterator(folder_ / "migrations"))
    std::filesystem::permissions(each, looks);
  const auto before = files();
  const TestFolder open_to_all;  // the program lies where the other account may not look
  std::filesystem::permissions(open_to_all.path(), Permissions(0755));
  const std::filesystem::path program = open_to_all.path() / "gauntlet-migrate";
  std::filesystem::copy_file(command("check").argv.front(), program);
  std::filesystem::permissions(program, Permissions(0755));
  const auto run_as_reader = [&](const std::string& name) {
    process::Command asked = command(name);
    asked.argv.front() = program;
    const passwd* nobody = ::getpwnam("nobody");
    if (::geteuid() == 0)
      asked.run_as =
          process::Account{.name = "nobody", .uid = nobody->pw_uid, .gid = nobody->pw_gid};
    return process::run(asked, process_patience);
  };
  EXPECT_EQ(run_as_reader("check").exit.code, 1);
  EXPECT_THAT(run_as_reader("status").out, HasSubstr("migrations needed: pending [2]"));
  const auto up = run_as_reader("up");
  EXPECT_EQ(up.exit.code, 1);
  EXPECT_THAT(up.err,
              AllOf(HasSubstr("SQLITE_READONLY"),
                    HasSubstr("give this user the right to write the file and its folder")));
  EXPECT_EQ(files(), before);
  for (const auto& folder : {folder_, folder_ / "migrations", folder_ / "data"})
    std::filesystem::permissions(folder, Permissions::owner_all);
}

TEST_F(ProgramOnSqlite, RefusesWhatOnlyAServerUnderstands) {
  for (const std::vector<std::string>& options : std::vector<std::vector<std::string>>{
           {"--lock", "notify"}, {"--lock-key", "7"}, {"--session-pooler"}, {"--retry-failed"}}) {
    const auto up = finish("up", options);
    EXPECT_EQ(up.exit.code, 64);
    EXPECT_THAT(up.err, HasSubstr(options.front() +
                                  " is for PostgreSQL; on SQLite a transaction is the lock"));
  }
  EXPECT_THAT(files(), IsEmpty());
}

}  // namespace
}  // namespace gauntlet::runner
