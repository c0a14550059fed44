#include "harness/oracle/guilt.h"

#include "harness/oracle/test_history.h"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Line {
  Symptom symptom;
  Guilt guilt;
  const char* cause;  ///< part of it
};

// The table, by example: one line a kind of fault.
TEST(Guilt, IsTheEnvironmentsForLimitsDisksAndServersThatGoAway) {
  const std::vector<Line> lines = {
      {{.sqlstate = "53300"}, Guilt::environment, "no more sessions"},
      {{.message = "FATAL:  sorry, too many clients already"}, Guilt::environment, "sessions"},
      {{.sqlstate = "53300", .message = "too many connections for role \"app\""},
       Guilt::environment,
       "the role or the database"},
      {{.sqlstate = "53100"}, Guilt::environment, "disk is full"},
      {{.message = "could not extend file: No space left on device"},
       Guilt::environment,
       "disk is full"},
      {{.sqlstate = "53200"}, Guilt::environment, "memory"},
      {{.sqlstate = "53400"}, Guilt::environment, "limit"},
      {{.sqlstate = "57P03"}, Guilt::environment, "starting up"},
      {{.sqlstate = "57P02"}, Guilt::environment, "crashed"},
      {{.sqlstate = "58030"}, Guilt::environment, "system error"},
      {{.message = "could not fork new process for connection"}, Guilt::environment, "process"},
      {{.message = "fork: Resource temporarily unavailable"}, Guilt::environment, "processes"},
      {{.message = "OSError: [Errno 12] Cannot allocate memory"}, Guilt::environment, "memory"},
      {{.exit_code = {}, .signal = SIGXFSZ}, Guilt::environment, "size limit"},
      {{.exit_code = {}, .signal = SIGKILL}, Guilt::undecided, "Gauntlet did not send"},
      {{.exit_code = 127}, Guilt::undecided, "cannot start"},
      {{.message = "python3: can't open file '/x.py'", .exit_code = 2},
       Guilt::undecided,
       "cannot start"},
  };
  for (const Line& line : lines) {
    SCOPED_TRACE(line.symptom.sqlstate + line.symptom.message);
    const Attribution attribution = attribute(line.symptom);
    EXPECT_EQ(attribution.guilt, line.guilt);
    EXPECT_THAT(attribution.cause, HasSubstr(line.cause));
    EXPECT_THAT(attribution.remedy, Not(""));
  }
}

TEST(Guilt, IsTheSubjectsForWhatItsStatementsMeet) {
  for (const Symptom& symptom : std::vector<Symptom>{{.sqlstate = "42P07"},
                                                     {.sqlstate = "23505"},
                                                     {.sqlstate = "40P01"},
                                                     {.sqlstate = "55P03"},
                                                     {.sqlstate = "57014"},
                                                     {.sqlstate = "57P01"},
                                                     {.sqlstate = "08006"},
                                                     {.message = "it failed", .exit_code = 1},
                                                     {.signal = SIGSEGV}}) {
    SCOPED_TRACE(symptom.sqlstate + symptom.message);
    EXPECT_EQ(attribute(symptom).guilt, Guilt::subject);
  }
}

TEST(Guilt, IsTheEnvironmentsForASessionThatBreaksWhenTheServerWasLost) {
  const World lost{.server_was_lost = true};
  EXPECT_EQ(attribute({.sqlstate = "57P01"}, lost).guilt, Guilt::environment);
  EXPECT_EQ(attribute({.sqlstate = "XX000"}, lost).guilt, Guilt::environment);
  EXPECT_EQ(attribute({.message = "server closed the connection unexpectedly"}, lost).guilt,
            Guilt::environment);
  EXPECT_EQ(attribute({.sqlstate = "42P07"}, lost).guilt, Guilt::subject);
}

TEST(Guilt, OfTheSessionLimitIsTheSubjectsWhenTheReplicasWouldFitIntoIt) {
  const Symptom symptom{.sqlstate = "53300", .message = "sorry, too many clients already"};
  const World fits{.replicas = 16, .sessions_allowed = 97, .sessions_of_one = 2};
  EXPECT_EQ(attribute(symptom, fits).guilt, Guilt::subject);
  EXPECT_THAT(attribute(symptom, fits).cause, HasSubstr("leaks sessions"));

  const World too_many{.replicas = 16, .sessions_allowed = 12, .sessions_of_one = 1};
  const Attribution attribution = attribute(symptom, too_many);
  EXPECT_EQ(attribution.guilt, Guilt::environment);
  EXPECT_EQ(attribution.cause, "the server allows 12 sessions and 16 replicas were asked for");
  EXPECT_EQ(attribution.remedy, "--replicas 12, or raise max_connections");
}

TEST(Guilt, ReadsTheSqlstateInAProgramsOwnWords) {
  EXPECT_EQ(sqlstate_in("FATAL: too many (SQLSTATE 53300)"), "53300");
  EXPECT_EQ(sqlstate_in("SQLSTATE[57P03] [7] starting"), "57P03");
  EXPECT_EQ(sqlstate_in("pq: SQLSTATE: 53100"), "53100");
  EXPECT_EQ(sqlstate_in("no SQLSTATE at all"), "");
  EXPECT_EQ(sqlstate_in("SQLSTATE"), "");
}

TEST(Guilt, OfAReplicaIsReadFromItsRepliesAndItsOutput) {
  TestHistory history(3);
  history.sends(first_session, "CREATE TABLE a()")
      .is_told({.ending = core::Reply::Ending::refused, .sqlstate = "53100", .message = "full"})
      .exits(0, 1)
      .says(1, "boom")
      .exits(1, 1)
      .exits(2, 0);
  const auto failures = failures_of(history.history(), {0}, {});
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_EQ(failures[0].attribution.guilt, Guilt::environment);
  EXPECT_EQ(failures[1].replica, 1U);
  EXPECT_EQ(failures[1].attribution.guilt, Guilt::subject);
  EXPECT_EQ(excuse_in(failures, {})->cause, "the disk is full");
}

TEST(Guilt, OfAnErrorThatTheScenarioInjectedStaysTheSubjects) {
  TestHistory history(1);
  history.sends(first_session, "SELECT 1")
      .is_told({.ending = core::Reply::Ending::refused, .sqlstate = "53100"})
      .says(0, "no luck (SQLSTATE 53100)")
      .exits(0, 1);
  history.history().steps[0].ruling = {.what = core::Ruling::What::refuse, .sqlstate = "53100"};
  EXPECT_FALSE(excuse_in(failures_of(history.history(), {0}, {}), {}).has_value());
}

TEST(Guilt, OfAFailureIsTheMachinesIfTheServerLoggedThatItCouldNotFork) {
  const World forks{.server_log =
                        "2026 [7] LOG:  could not fork new process for connection: "
                        "Resource temporarily unavailable\n"};
  const std::vector<FailedReplica> failed{{.replica = 0}};
  ASSERT_TRUE(excuse_in(failed, forks).has_value());
  EXPECT_EQ(excuse_in(failed, forks)->cause, "the server could not start a process");
  EXPECT_FALSE(excuse_in({}, forks).has_value()) << "no replica failed";
}

TEST(Guilt, IsNotReadFromStatementsThatTheServerLogged) {
  const World quoted{.server_log =
                         "2026 [7] STATEMENT:  SELECT 'LOG:  could not fork'\n"
                         "2026 [7] WARNING:  could not fork\n"};
  EXPECT_FALSE(excuse_in({{.replica = 0}}, quoted).has_value());
}

TEST(Guilt, OfFailuresWhileTheServerWasLostIsTheEnvironments) {
  const World lost{.server_was_lost = true};
  EXPECT_EQ(excuse_in({{.replica = 0}}, lost)->guilt, Guilt::environment);
}

TEST(Guilt, OfTheEnvironmentLeavesOnlyFindingsThatItCannotCause) {
  const Attribution excuse{
      .guilt = Guilt::environment, .cause = "the disk is full", .remedy = "free space"};
  core::Judgement both = core::judged({{.id = "replica-failed"}, {.id = "applied-twice"}});
  const core::Judgement rest = excused(both, excuse);
  EXPECT_EQ(rest.verdict, Verdict::violated);
  ASSERT_EQ(rest.findings.size(), 1U);
  EXPECT_EQ(rest.findings[0].id, "applied-twice");

  const core::Judgement none = excused(core::judged({{.id = "replica-failed"}}), excuse);
  EXPECT_EQ(none.verdict, Verdict::unknown);
  EXPECT_EQ(none.reason, "the disk is full: free space");
  EXPECT_TRUE(none.findings.empty());
  EXPECT_EQ(excused(core::judged({}), excuse).verdict, Verdict::unknown);
}

TEST(Guilt, CountsTheSessionsThatOneReplicaHasOpenAtOnce) {
  TestHistory history(2);
  history.opens({.replica = 0, .number = 0}, 1)
      .opens({.replica = 1, .number = 0}, 2)
      .opens({.replica = 0, .number = 1}, 3)
      .closes({.replica = 0, .number = 1})
      .opens({.replica = 0, .number = 2}, 4);
  EXPECT_EQ(most_sessions_of_one(history.history()), 2U);
}

}  // namespace
}  // namespace gauntlet::oracle
