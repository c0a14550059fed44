// Each harm does exactly what its name says: what the server did, and what the client saw. The
// client is psql, which is given three statements and runs them once: a rerun does nothing.
#include "harness/arena/connection.h"
#include "harness/crash/cell.h"
#include "runner/folder_test.h"

#include <algorithm>
#include <csignal>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::crash {
namespace {

using testing::HasSubstr;

constexpr const char* harmed_statement = "INSERT INTO harmed VALUES (1)";

struct HarmDone {
  CellSeen seen = {};
  std::string rows = {};  ///< in the table, at the end
};

/// Keeps its last database, so that a test can look into it.
class KeepingArena : public arena::Arena {
 public:
  KeepingArena()
      : server_(arena::Server::start({})), on_(arena::open(server_->loopback().url(), {})) {}

  const arena::Address& given() const override { return on_->given(); }
  bool is_ephemeral() const override { return false; }
  std::unique_ptr<arena::Database> fresh(const std::string& purpose) override {
    auto database = on_->fresh(purpose);
    address_ = database->address();
    return std::make_unique<Kept>(kept_ = std::shared_ptr<arena::Database>(std::move(database)));
  }
  Copy copy_of_given(const std::vector<std::string>& tables) override {
    return on_->copy_of_given(tables);
  }
  const arena::Address& last() const { return *address_; }

 private:
  class Kept : public arena::Database {
   public:
    explicit Kept(std::shared_ptr<arena::Database> database) : database_(std::move(database)) {}
    const arena::Address& address() const override { return database_->address(); }
    const arena::Address& loopback() const override { return database_->loopback(); }
    const arena::Address& maintenance() const override { return database_->maintenance(); }
    std::string keep() override { return database_->keep(); }

   private:
    std::shared_ptr<arena::Database> database_;
  };

  std::unique_ptr<arena::Server> server_;
  std::unique_ptr<arena::Arena> on_;
  std::optional<arena::Address> address_;
  std::shared_ptr<arena::Database> kept_;
};

HarmDone done_by(const fault::Harm& harm, const std::string& statement = harmed_statement,
                 const std::string& before = "SELECT 0") {
  KeepingArena arena;
  const runner::TestFolder folder;
  const std::string marker = std::string(folder.path()) + "/ran";
  const fleet::Subject subject{
      .name = "psql",
      .command = {"sh", "-c",
                  "[ -e '" + marker + "' ] && exit 0; touch '" + marker +
                      "'; exec psql -X -v ON_ERROR_STOP=1 -d {url} -c '" + before +
                      "' -c 'CREATE TABLE harmed (n int)'"
                      " -c '" +
                      statement + "' -c 'SELECT 1'"}};
  const std::vector<truth::File> files;
  Prefixes prefixes(arena, {.files = files, .sent = {}, .own_tables = {}});
  const std::filesystem::path none;
  const Point point{.target = {.says = says_of({.sql = statement})}, .statements = {statement}};
  HarmDone done{.seen = run_cell({.arena = arena,
                                  .subject = subject,
                                  .migrations = none,
                                  .prefixes = prefixes,
                                  .patience = std::chrono::seconds(30)},
                                 point, harm)};
  done.rows = arena::Connection(arena.last()).ask_one("SELECT count(*) FROM harmed");
  EXPECT_TRUE(done.seen.fired);
  EXPECT_TRUE(done.seen.left);
  return done;
}

std::optional<int> signal_of(const RunSeen& run) {
  const core::Event* end = run.history.exit_of(0);
  return end == nullptr ? std::nullopt : end->signal;
}

TEST(Harm, CutBeforeTheServerNeverSeesTheStatementAndTheClientSeesItsConnectionEnd) {
  const HarmDone done = done_by(fault::cut_before());
  EXPECT_EQ(done.rows, "0");
  EXPECT_EQ(done.seen.harmed.exit_code, 2);
  EXPECT_THAT(done.seen.harmed.said(), HasSubstr("closed the connection"));
}

TEST(Harm, CutAfterTheServerHasExecutedItAndTheClientSeesItsConnectionEnd) {
  const HarmDone done = done_by(fault::cut_after());
  EXPECT_EQ(done.rows, "1");
  EXPECT_EQ(done.seen.harmed.exit_code, 2);
  EXPECT_THAT(done.seen.harmed.said(), HasSubstr("closed the connection"));
  EXPECT_THAT(done.seen.harmed.said(), testing::Not(HasSubstr("INSERT 0 1")));
}

TEST(Harm, LostReplyTheServerHasExecutedItAndTheClientIsDeadBeforeItSeesAnything) {
  const HarmDone done = done_by(fault::lost_reply());
  EXPECT_EQ(done.rows, "1");
  EXPECT_EQ(signal_of(done.seen.harmed), SIGKILL);
  EXPECT_THAT(done.seen.harmed.said(), testing::Not(HasSubstr("closed the connection")));
}

TEST(Harm, KilledTheServerIsSeenToRunItAndFinishesItWithoutItsClient) {
  const HarmDone done = done_by(fault::killed());
  EXPECT_TRUE(done.seen.was_running);
  EXPECT_EQ(signal_of(done.seen.harmed), SIGKILL);
  EXPECT_EQ(done.rows, "1");
}

TEST(Harm, KilledWhereTheStatementCannotBeHeldIsTheSameAsALostReply) {
  const HarmDone done = done_by(fault::killed(), "SET application_name = x");
  EXPECT_FALSE(done.seen.was_running);
  EXPECT_EQ(signal_of(done.seen.harmed), SIGKILL);
}

TEST(Harm, TerminatedTheServerSaysSoAndHasNotRunIt) {
  const HarmDone done = done_by(fault::terminated());
  EXPECT_EQ(done.rows, "0");
  EXPECT_THAT(done.seen.harmed.said(), HasSubstr("terminating connection due to administrator"));
}

TEST(Harm, PausedTheServerExecutesTheStatementAndTheClientGoesOnAfterTheRerun) {
  const HarmDone done = done_by(fault::paused());
  EXPECT_EQ(done.rows, "1");
  EXPECT_EQ(done.seen.harmed.exit_code, 0);
  EXPECT_TRUE(done.seen.rerun.ok);
}

TEST(Harm, RefusedTheServerNeverSeesTheStatementAndTheClientSeesItsSqlstate) {
  const HarmDone done = done_by(fault::refused());
  EXPECT_EQ(done.rows, "0");
  EXPECT_EQ(done.seen.harmed.exit_code, 1);
  EXPECT_THAT(done.seen.harmed.said(), HasSubstr("canceling statement"));
}

TEST(Harm, DelayedTheStatementIsExecutedAndTheClientSeesItsReplyLater) {
  const HarmDone done = done_by(fault::delayed());
  EXPECT_EQ(done.rows, "1");
  EXPECT_EQ(done.seen.harmed.exit_code, 0);
}

TEST(Harm, UnlockFalseTheClientSeesFalseUnderTheColumnsOwnName) {
  const HarmDone done =
      done_by(fault::unlock_false(), "SELECT pg_advisory_unlock(7)", "SELECT pg_advisory_lock(7)");
  EXPECT_EQ(done.seen.harmed.exit_code, 0);
  EXPECT_THAT(done.seen.harmed.said(), testing::ContainsRegex("pg_advisory_unlock *\n-+\n f"));
}

}  // namespace
}  // namespace gauntlet::crash
