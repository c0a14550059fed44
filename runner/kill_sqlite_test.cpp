// A process that dies at any statement of `up` on SQLite: one more run converges, or says what to
// do. Each run is a child of this process that kills itself.
#include "runner/connect.h"
#include "runner/repair.h"
#include "runner/sql/statement_sqlite.h"
#include "runner/sqlite_fixture_test.h"

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

namespace gauntlet::runner {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// Hands on one statement at a time, and kills the process before number `fatal_` (from 1), those
// apart that only set the connection.
class Dying final : public ForwardingSession {
 public:
  Dying(std::unique_ptr<Session> session, int& left)
      : ForwardingSession(std::move(session)), left_(left) {}

  std::vector<Result> send(std::string_view message) override {
    std::vector<Result> results;
    for (const Statement& statement : split_sqlite(message).statements) {
      if (!is_pragma(statement.sql) && --left_ == 0) raise(SIGKILL);
      for (Result& result : ForwardingSession::send(statement.sql))
        results.push_back(std::move(result));
    }
    return results;
  }

 private:
  int& left_;
};

class DyingSource final : public SessionSource {
 public:
  DyingSource(std::string url, int fatal) : url_(std::move(url)), left_(fatal) {}
  std::unique_ptr<Session> acquire(std::chrono::milliseconds) override {
    auto session = connect_sqlite(url_);
    session->send("PRAGMA synchronous = OFF");  // a process dies here, not a machine
    return std::make_unique<Dying>(std::move(session), left_);
  }

 private:
  std::string url_;
  int left_;
};

class KilledOnSqlite : public OnFile {
 protected:
  enum class End { by_itself, killed };

  End up_in_a_child(int fatal) const {
    const pid_t child = fork();
    if (child == 0) {
      DyingSource sessions(url(), fatal);
      runner::up(sessions, listing(), {});
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
    return WIFSIGNALED(status) ? End::killed : End::by_itself;
  }

  void start_anew() const {
    std::filesystem::remove_all(folder_ / "data");
    std::filesystem::create_directory(folder_ / "data");
  }
};

TEST_F(KilledOnSqlite, AtAnyStatementIsRepairedByTheNextRun) {
  write("1_a.up.sql", "CREATE TABLE t(x); INSERT INTO t VALUES (1)");
  write("2_b.up.sql", "INSERT INTO t VALUES (2); CREATE INDEX i ON t(x)");
  int fatal = 1;
  while (up_in_a_child(fatal) == End::killed) {
    SCOPED_TRACE(fatal);
    up();
    EXPECT_EQ(value("SELECT group_concat(x) FROM t"), "1,2");
    EXPECT_EQ(value("SELECT group_concat(version) FROM applied_migrations"), "1,2");
    start_anew();
    ++fatal;
  }
  EXPECT_GT(fatal, 20);
}

TEST_F(KilledOnSqlite, OutsideATransactionSaysWhereItStoppedAndGoesOn) {
  write("1_a.up.sql",
        "-- gauntlet: no-transaction\nCREATE TABLE t(x);\nINSERT INTO t VALUES (1);\nVACUUM");
  int stopped = 0;
  int fatal = 1;
  while (up_in_a_child(fatal) == End::killed) {
    SCOPED_TRACE(fatal);
    const std::string said = failure_of([&] { up(); });
    if (said != "it did not fail") {
      ++stopped;
      EXPECT_THAT(said, HasSubstr("error[in-progress]: migration 1 (a) stopped at statement "));
      // What a person would see of statement 1 or 2, and say.
      const int at = std::stoi(value("SELECT statement_index FROM applied_migrations_in_progress"));
      const bool made = value("SELECT count(*) FROM sqlite_schema WHERE name = 't'") == "1";
      const bool filled = made && value("SELECT count(*) FROM t") == "1";
      const bool took_effect = at == 1 ? made : at == 2 && filled;
      resume(*sessions_of(url()), listing(), Version{1}, at + (took_effect ? 1 : 0), {});
    }
    EXPECT_EQ(value("SELECT group_concat(x) FROM t"), "1");
    EXPECT_THAT(up(), IsEmpty());
    start_anew();
    ++fatal;
  }
  EXPECT_GT(stopped, 5);
}

}  // namespace
}  // namespace gauntlet::runner
