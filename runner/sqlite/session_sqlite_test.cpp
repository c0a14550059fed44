// What a session does on a SQLite file whose lock another connection has.
#include "runner/sqlite_fixture_test.h"

#include <chrono>

#include <sys/eventfd.h>
#include <unistd.h>

namespace gauntlet::runner {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

// Readable from the start: it ends the first wait that looks at it.
class InterruptThatIsThere {
 public:
  InterruptThatIsThere() : fd_(eventfd(1, EFD_CLOEXEC)) {}
  ~InterruptThatIsThere() { close(fd_); }
  InterruptThatIsThere(const InterruptThatIsThere&) = delete;
  InterruptThatIsThere& operator=(const InterruptThatIsThere&) = delete;

  int fd() const { return fd_; }

 private:
  int fd_;
};

class SessionOnSqlite : public OnFile {
 protected:
  SessionOnSqlite() {
    run("CREATE TABLE t(x)");
    writer_ = open();
    writer_->send("BEGIN EXCLUSIVE");
  }

  std::unique_ptr<Session> writer_;
};

TEST_F(SessionOnSqlite, GivesUpAtItsLimit) {
  const auto session = open();
  session->limit({.lock_wait = milliseconds(0)});
  EXPECT_THAT(failure_of([&] { session->send("BEGIN IMMEDIATE"); }), HasSubstr("SQLITE_BUSY"));
}

// To prepare a statement it must read the schema, so that the lock is in its way there already.
TEST_F(SessionOnSqlite, WaitsAlsoToPrepareAStatement) {
  const InterruptThatIsThere interrupt;
  const auto session = open();
  session->interrupt_with(interrupt.fd());
  EXPECT_THAT(failure_of([&] { session->send("SELECT * FROM t"); }), HasSubstr("interrupted"));
}

TEST_F(SessionOnSqlite, HavingGivenUpOnceWaitsAgainAlsoToPrepareAStatement) {
  const InterruptThatIsThere interrupt;
  const auto session = open();
  const StatementLimits patient = session->limit({.lock_wait = milliseconds(0)});
  EXPECT_THAT(failure_of([&] { session->send("BEGIN IMMEDIATE"); }), HasSubstr("SQLITE_BUSY"));
  session->limit(patient);
  session->interrupt_with(interrupt.fd());
  EXPECT_THAT(failure_of([&] { session->send("SELECT * FROM t"); }), HasSubstr("interrupted"));
}

}  // namespace
}  // namespace gauntlet::runner
