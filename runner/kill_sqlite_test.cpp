// A process that dies at any statement of `up` on SQLite: one more run converges, or says what to
// do. Each run is a child of this process that kills itself.
#include "runner/connect.h"
#include "runner/repair.h"
#include "runner/sql/statement_sqlite.h"
#include "runner/sqlite_fixture_test.h"

#include <csignal>
#include <cstdlib>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
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

  /// Of the long form of the test, in `make check-full`: GAUNTLET_KILLED_REPLICAS.
  static int killed_replicas() {
    const char* given = std::getenv("GAUNTLET_KILLED_REPLICAS");
    return given == nullptr ? 2 : std::atoi(given);
  }

  int finish_after_each_kill(int replicas);
  void write_files_outside_a_transaction() const;

  bool any_of_the_replicas_is_killed(int fatal, int replicas) const {
    std::vector<pid_t> children;
    for (int left = replicas; left > 0; --left) {
      children.push_back(fork());
      if (children.back() != 0) continue;
      try {
        DyingSource sessions(url(), fatal);
        runner::up(sessions, listing(), {});
        _exit(0);
      } catch (const Error&) {
        _exit(1);  // another replica's mark was found
      }
    }
    bool killed = false;
    for (const pid_t child : children) {
      int status = 0;
      waitpid(child, &status, 0);
      killed = killed || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    }
    return killed;
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

// Each replica dies at its own statement number `fatal`: whatever mark is left, the command that
// the next run names finishes the work, and nothing is done twice. Returns how often a mark was
// left.
int KilledOnSqlite::finish_after_each_kill(int replicas) {
  int stopped = 0;
  for (int fatal = 1;; ++fatal) {
    SCOPED_TRACE(fatal);
    start_anew();
    if (!any_of_the_replicas_is_killed(fatal, replicas)) return stopped;
    const std::string said = failure_of([&] { up(); });
    if (said != "it did not fail") {
      ++stopped;
      EXPECT_THAT(said, AllOf(HasSubstr("error[in-progress]: migration 2 (b) stopped at "),
                              HasSubstr("fix:   `gauntlet-migrate resume 2` ")));
      resume(*sessions_of(url()), listing(), Version{2}, {}, {});
      up();
    }
    EXPECT_EQ(value("SELECT group_concat(x) FROM (SELECT x FROM t ORDER BY x)"), "0,11,12,13");
    EXPECT_EQ(value("SELECT group_concat(version) FROM applied_migrations"), "1,2,3");
    EXPECT_THAT(up(), IsEmpty());
  }
}

void KilledOnSqlite::write_files_outside_a_transaction() const {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  write("2_b.up.sql",
        "-- gauntlet: no-transaction\nPRAGMA cache_size = 100;\nINSERT INTO t VALUES (1);\n"
        "BEGIN;\nINSERT INTO t VALUES (2);\nINSERT INTO t VALUES (3);\nCOMMIT;\n"
        "UPDATE t SET x = x + 10;\nVACUUM");
  write("3_c.up.sql", "INSERT INTO t VALUES (0)");
}

TEST_F(KilledOnSqlite, OutsideATransactionIsFinishedByTheOneCommandThatTheNextRunNames) {
  write_files_outside_a_transaction();
  EXPECT_GT(finish_after_each_kill(1), 10);
}

// Of several replicas a survivor may finish before a mark is left, so their marks are not counted.
TEST_F(KilledOnSqlite, OutsideATransactionSeveralReplicasLeaveTheDataOnce) {
  write_files_outside_a_transaction();
  finish_after_each_kill(killed_replicas());
}

}  // namespace
}  // namespace gauntlet::runner
