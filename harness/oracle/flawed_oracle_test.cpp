// An oracle that always holds, put in the place of each in turn: it lets the case pass that the
// true one must not. An oracle without a case here fails.
#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

core::Snapshot with_index(std::string definition) {
  return {.catalogue = core::Catalogue{{"index public.i", std::move(definition)}}};
}

core::Snapshot with_rows(std::int64_t rows) {
  return {.data = core::Data{{"public.a", {.rows = rows, .columns = {{"id", "x"}}}}}};
}

core::Snapshot whole(const char* sequence) {
  return {.catalogue = core::Catalogue{},
          .data = core::Data{},
          .sequences = core::Sequences{{"public.s", sequence}}};
}

MigrationFile one_file() {
  return {.version = 1, .name = "1_a.up.sql", .sql = "UPDATE a SET i = 1"};
}

core::History refused_with_exit(int code) {
  return TestHistory(1)
      .sends(first_session, one_file().sql)
      .is_told({.ending = core::Reply::Ending::refused,
                .sqlstate = "42P01",
                .message = "relation \"a\" does not exist"})
      .exits(0, code)
      .history();
}

core::History unlocks_before_its_commit() {
  return TestHistory(1)
      .asks(first_session, lock, "")
      .sends(first_session, "INSERT INTO t VALUES (1)")
      .is_told({.statements = {{.tag = "INSERT 0 1"}}, .in_transaction = true})
      .sends(first_session, unlock)
      .is_told(
          {.statements = {{.tag = "SELECT 1", .rows = 1, .value = "t"}}, .in_transaction = true})
      .does(first_session, "COMMIT", "COMMIT")
      .history();
}

core::History writes_while_another_holds_the_lock() {
  return TestHistory(1)
      .marks(core::Event::Kind::foreign_lock_taken)
      .asks(first_session, "SELECT pg_try_advisory_lock(1)", "f")
      .does(first_session, "INSERT INTO a VALUES (1)", "INSERT 0 1")
      .history();
}

/// What violates each oracle, by its id.
std::map<std::string_view, Observation> cases() {
  const core::SessionId other{.replica = 0, .number = 1};
  return {
      {"all-succeed", {.history = TestHistory(2).exits(0, 0).exits(1, 3).history()}},
      {"applied-once", {.on_disk = {{.version = 1}}, .journal = {{1, 1}}}},
      {"atomic", {.journal = {{1, 2}}, .journal_before = 1, .expected_error = ""}},
      {"clear-error", {.history = TestHistory(1).exits(0, 0).history(), .expected_error = ""}},
      {"clear-warning",
       {.history = TestHistory(1).exits(0, 0).history(), .expected_warning = "004_x_up.sql"}},
      {"not-passed-over",
       {.history = TestHistory(1).exits(0, 0).history(), .expected_warning = "004_x_up.sql"}},
      {"data-equals-serial", {.after = with_rows(2), .serial = {with_rows(1), with_rows(1)}}},
      {"committed-once",
       {.history = TestHistory(2)
                       .does(first_session, "UPDATE a SET i = 1", "UPDATE 0")
                       .does(second_session, "UPDATE a SET i = 1", "UPDATE 0")
                       .history(),
        .files = {{.version = 1, .name = "1_a.up.sql", .sql = "UPDATE a SET i = 1"}},
        .all_apply = true}},
      {"disk-is-recorded",
       {.on_disk = {{.version = 1}},
        .applied = core::Applied{.tracker = "public.t", .rows = {{.version = 2}}}}},
      {"error-masked", {.history = refused_with_exit(1), .files = {one_file()}}},
      {"error-swallowed",
       {.history = refused_with_exit(0), .files = {one_file()}, .all_apply = true}},
      {"failure-told", {.history = TestHistory(1).exits(0, 0).history(), .expected_error = ""}},
      {"idempotent", {.before = whole("1 (called)"), .after = whole("2 (called)")}},
      {"mutual-exclusion",
       {.history = TestHistory(2)
                       .asks(first_session, "SELECT pg_try_advisory_lock(1)", "t")
                       .asks(second_session, "SELECT pg_try_advisory_lock(1)", "t")
                       .history()}},
      {"no-invalid-index", {.after = with_index("CREATE INDEX i ON public.a (x)\ninvalid")}},
      {"no-lock-left",
       {.after = core::Snapshot{.leftovers = core::Leftovers{.advisory_locks = {"key 1"}}}}},
      {"nobody-passes", {.history = writes_while_another_holds_the_lock()}},
      {"nothing-left-out",
       {.history = TestHistory(1).exits(0, 0).history(),
        .on_disk = {{.version = 1}},
        .applied = core::Applied{.tracker = "public.t"},
        .files = {one_file()},
        .all_apply = true}},
      {"nothing-written",
       {.history = TestHistory(1).asks(first_session, lock, "").history(),
        .before = whole("1"),
        .after = whole("1")}},
      {"order", {.journal = {{1, 10, 2}}}},
      {"readers-wait", {.table_waits = {{.longest = std::chrono::seconds(3)}}}},
      {"refused", {.history = TestHistory(1).exits(0, 0).history(), .expected_error = "renamed"}},
      {"refused-or-applied",
       {.history = TestHistory(1).exits(0, 0).history(),
        .files = {one_file(), {.version = 1, .name = "01_b.up.sql", .sql = "UPDATE b SET i = 1"}},
        .committed_before = {1}}},
      {"pinned",
       {.history = TestHistory(1)
                       .opens(first_session, 11)
                       .opens(other, 12)
                       .asks(first_session, lock, "")
                       .does(other, "CREATE TABLE a()", "CREATE TABLE")
                       .history(),
        .one_session_is_claimed = true}},
      {"schema-equals-serial",
       {.after = with_index("here"), .serial = {with_index("x"), with_index("x")}}},
      {"set-equality",
       {.on_disk = {{.version = 1}, {.version = 2}},
        .applied = core::Applied{.tracker = "public.t", .rows = {{.version = 2}}}}},
      {"someone-succeeds", {.history = TestHistory(1).exits(0, 1).history()}},
      {"success-means-done",
       {.history = TestHistory(2)
                       .exits(1, 0)
                       .does(first_session, "CREATE TABLE a()", "CREATE TABLE")
                       .history(),
        .pending = {{1, "CREATE TABLE a()"}}}},
      {"unlock-confirmed",
       {.history = TestHistory(1)
                       .asks(first_session, lock, "")
                       .asks(first_session, unlock, "f")
                       .exits(0, 0)
                       .history()}},
      {"unlocked-before-commit", {.history = unlocks_before_its_commit()}},
  };
}

core::Judgement always_holds(const Observation&) { return core::judged({}); }

TEST(FlawedOracle, ThatAlwaysHoldsIsFoundOutByTheCaseOfEach) {
  const auto all = cases();
  std::vector<Oracle> asked = oracles();
  asked.insert(asked.end(), standing_oracles().begin(), standing_oracles().end());
  for (const Oracle& oracle : asked) {
    SCOPED_TRACE(oracle.id);
    ASSERT_TRUE(all.contains(oracle.id)) << "no case of this oracle: add one that violates it";
    Oracle flawed = oracle;
    flawed.judge = always_holds;
    EXPECT_EQ(ask(oracle, all.at(oracle.id)).verdict, core::Verdict::violated);
    EXPECT_EQ(ask(flawed, all.at(oracle.id)).verdict, core::Verdict::holds);
  }
}

}  // namespace
}  // namespace gauntlet::oracle
