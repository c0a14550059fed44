// accept, resume and forget: what they refuse, and what is read there.
#include "harness/reference/impatient_sessions_test.h"
#include "harness/reference/server_fixture_test.h"
#include "harness/reference/watched_sessions_test.h"
#include "runner/connect.h"
#include "runner/repair.h"
#include "runner/turn/lock.h"

#include <functional>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class Repair : public OnServer {
 protected:
  static std::string said(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  std::string accept_says(std::int64_t version) const {
    return said([&] { accept(*sessions_of(conninfo()), listing(), Version{version}, {}); });
  }
  std::string resume_says(std::optional<int> from) const {
    return said([&] { resume(*sessions_of(conninfo()), listing(), Version{1}, from, {}); });
  }
};

TEST_F(Repair, AcceptsAnEditThatIsMeant) {
  write("1_a.up.sql", "SELECT 1");
  up();
  write("1_a.up.sql", "SELECT 1 -- once");
  EXPECT_THAT(failing_up(), HasSubstr("error[edited-after-apply]"));
  EXPECT_EQ(accept_says(1), "no error");
  EXPECT_THAT(up(), IsEmpty());
}

TEST_F(Repair, WaitsForTheTrackerNoLongerThanAnyQueryOfTheRunners) {
  write("1_a.up.sql", "SELECT 1");
  up();
  const auto other = connect();
  other->send("BEGIN; LOCK TABLE applied_migrations IN SHARE MODE");
  ImpatientSessions sessions(conninfo());
  EXPECT_THAT(said([&] { accept(sessions, listing(), Version{1}, {}); }),
              AllOf(HasSubstr("error[not-recorded]: the tracker could not be written: no answer"),
                    HasSubstr("held by: pid " + std::to_string(other->backend_pid()))));
}

TEST_F(Repair, OfAVersionThatIsNotThereSaysSo) {
  write("1_a.up.sql", "SELECT 1");
  EXPECT_EQ(accept_says(7),
            "error[unknown-version]: there is no migration 7 on disk\n"
            "  fix:   give the version of one of the files");
  EXPECT_EQ(accept_says(1),
            "error[unknown-version]: migration 1 is not applied\n"
            "  where: tracker \"public\".\"applied_migrations\"\n"
            "  fix:   see `gauntlet-migrate status`");
  up();
  EXPECT_EQ(resume_says({}),
            "error[not-in-progress]: migration 1 is not in progress\n"
            "  where: marks in \"public\".\"applied_migrations_in_progress\"\n"
            "  fix:   see `gauntlet-migrate status`");
}

TEST_F(Repair, ResumesNoOtherFileAndFromNoStatementThatIsNotThere) {
  write("1_two.up.sql", "-- gauntlet: no-transaction\nCREATE TABLE t(x int);\nSELECT 1/0");
  EXPECT_THAT(failing_up(), HasSubstr("it stopped at statement 2 of 2"));
  EXPECT_THAT(resume_says(4),
              AllOf(HasSubstr("error[bad-amount]: migration 1 (two) has 2 statements; there is no "
                              "statement 4 to go on with\n  where: "),
                    HasSubstr("fix:   give --from 1 to 3")));
  write("1_two.up.sql", "-- gauntlet: no-transaction\nCREATE TABLE t(x int);\nSELECT 1");
  EXPECT_THAT(
      resume_says({}),
      AllOf(HasSubstr("error[edited-after-apply]: the file of migration 1 (two) is not the one "
                      "that stopped at statement 2\n  where: "),
            HasSubstr("fix:   restore the file; or undo its work by hand, then `gauntlet-migrate "
                      "forget 1`")));
}

TEST_F(Repair, ResumesNothingWhileAnIndexOfTheFileIsInvalid) {
  run("CREATE TABLE t AS SELECT 1 AS x UNION ALL SELECT 1");
  write("1_unique.up.sql",
        "-- gauntlet: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY i ON t(x);\nSELECT 1");
  EXPECT_THAT(failing_up(), HasSubstr("it stopped at statement 1 of 2"));
  EXPECT_THAT(resume_says(2),
              AllOf(HasSubstr("error[invalid-index]: an index that migration 1 (unique) names is "
                              "INVALID, and would stay so"),
                    HasSubstr("index public.i is INVALID: DROP INDEX CONCURRENTLY public.i"),
                    HasSubstr("drop it, then run `gauntlet-migrate resume 1` again")));
  run("DROP INDEX CONCURRENTLY i; ");
  run("DELETE FROM t; INSERT INTO t VALUES (1)");
  EXPECT_EQ(resume_says({}), "no error");
  EXPECT_THAT(up(), IsEmpty());
}

TEST_F(Repair, DropsTheInvalidIndexThatItBuildsAgain) {
  run("CREATE TABLE t AS SELECT 1 AS x UNION ALL SELECT 1");
  write("1_unique.up.sql",
        "-- gauntlet: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY i ON t(x)");
  EXPECT_THAT(failing_up(), HasSubstr("it stopped at statement 1 of 1"));
  run("DELETE FROM t; INSERT INTO t VALUES (1)");
  EXPECT_EQ(resume_says({}), "no error");
  EXPECT_EQ(value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"), "t");
}

TEST_F(Repair, WritesNothingWithoutTheLock) {
  write("1_a.up.sql", "SELECT 1");
  up();
  write("1_a.up.sql", "SELECT 2");
  const auto thief = connect();
  WatchedSessions sessions(conninfo(), {.before_send = [&](Session& direct, std::string_view sql) {
                             if (sql.find("UPDATE") == sql.npos) return;
                             direct.send("SELECT pg_advisory_unlock_all()");
                             thief->send("SELECT pg_advisory_lock(77)");
                           }});
  EXPECT_EQ(said([&] { accept(sessions, listing(), Version{1}, {.lock_key = 77}); }),
            "error[lock-lost]: another session has the migration lock, and nothing was written\n"
            "  where: public.applied_migrations\n"
            "  fix:   see who has it with `gauntlet-migrate status`");
  EXPECT_EQ(value("SELECT checksum FROM applied_migrations"), sha256("SELECT 1"));
}

TEST_F(Repair, ThatTheServerRefusesTellsItsOwnWords) {
  write("1_a.up.sql", "SELECT 1");
  up();
  write("1_a.up.sql", "SELECT 2");
  run("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no' USING "
      "HINT = 'ask'; END$$; CREATE TRIGGER no BEFORE UPDATE ON applied_migrations EXECUTE FUNCTION "
      "no()");
  EXPECT_THAT(accept_says(1),
              AllOf(HasSubstr("error[not-recorded]: the tracker could not be written: no (SQLSTATE "
                              "P0001)\n  hint: ask"),
                    HasSubstr("\n  where: public.applied_migrations\n"
                              "  fix:   see what the server says, then run this again")));
}

}  // namespace
}  // namespace gauntlet::runner
