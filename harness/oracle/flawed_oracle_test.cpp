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
      {"data-equals-serial", {.after = with_rows(2), .serial = {with_rows(1), with_rows(1)}}},
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
      {"nobody-passes",
       {.history = TestHistory(1)
                       .notes(std::string(foreign_lock_taken))
                       .asks(first_session, "SELECT pg_try_advisory_lock(1)", "f")
                       .does(first_session, "INSERT INTO a VALUES (1)", "INSERT 0 1")
                       .history()}},
      {"nothing-written",
       {.history = TestHistory(1).asks(first_session, lock, "").history(),
        .before = whole("1"),
        .after = whole("1")}},
      {"order", {.journal = {{1, 10, 2}}}},
      {"pinned",
       {.history = TestHistory(1)
                       .opens(first_session, 11)
                       .opens(other, 12)
                       .asks(first_session, lock, "")
                       .does(other, "CREATE TABLE a()", "CREATE TABLE")
                       .history()}},
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
  };
}

core::Judgement always_holds(const Observation&) { return {}; }

TEST(FlawedOracle, ThatAlwaysHoldsIsFoundOutByTheCaseOfEach) {
  const auto all = cases();
  for (const Oracle& oracle : oracles()) {
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
