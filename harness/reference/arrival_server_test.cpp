// Properties that only a real server can judge: any order of arrival, any name.
#include "harness/reference/server_fixture_test.h"
#include "runner/connect.h"
#include "runner/inspect.h"

#include <set>
#include <sstream>

#include <rapidcheck.h>

namespace gauntlet::runner {
namespace {

class Arrival : public OnServer {};

// rc::check with fewer cases: each of these is some runs of the runner.
template <typename Property>
void expect_holds(int cases, const Property& property) {
  auto bounds = rc::detail::configuration().testParams;
  bounds.maxSuccess = cases;
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata(), bounds);
  std::ostringstream told;
  rc::detail::printResultMessage(result, told);
  EXPECT_TRUE(result.template is<rc::detail::SuccessResult>()) << told.str();
}

Migration migration_of(int version) {
  const std::string number = std::to_string(version);
  Migration migration;
  migration.version = {version};
  migration.name = "m" + number;
  const std::string sql = "INSERT INTO journal VALUES (" + number + ")";
  migration.up = {.file = {}, .bytes = sql, .checksum = sha256(sql)};
  return migration;
}

std::string text_of(const std::set<int>& versions) {
  std::string text;
  for (const int version : versions) text += (text.empty() ? "" : ",") + std::to_string(version);
  return text;
}

// Each deploy knows only its own subset: builds from branches, and rollbacks to older ones.
TEST_F(Arrival, OfAnySubsetsInAnyOrderAppliesTheirUnionEachOnce) {
  const auto sessions = sessions_of(conninfo());
  const auto session = connect();
  session->send("CREATE TABLE journal(x int)");
  int trackers = 0;
  expect_holds(20, [&] {
    const auto deploys =
        *rc::gen::resize(6, rc::gen::container<std::vector<std::set<int>>>(
                                rc::gen::container<std::set<int>>(rc::gen::inRange(1, 12))));
    RunOptions options;
    options.tracker.table = "t" + std::to_string(++trackers);
    session->send("TRUNCATE journal");
    std::set<int> all;
    for (const std::set<int>& deploy : deploys) {
      Listing listing;
      for (const int version : deploy) listing.migrations.push_back(migration_of(version));
      all.insert(deploy.begin(), deploy.end());
      runner::up(*sessions, listing, options);
    }
    const auto text = [&](const std::string& sql) {
      return session->send(sql).front().rows.front().front().value_or("");
    };
    RC_ASSERT(text("SELECT string_agg(x::text, ',' ORDER BY x) FROM journal") == text_of(all));
    if (all.empty()) return;
    RC_ASSERT(text("SELECT string_agg(version::text, ',' ORDER BY version) FROM " +
                   options.tracker.table) == text_of(all));
  });
}

// Bytes that quoting has to do something about, and some that it must leave alone.
rc::Gen<std::string> awkward_text() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
          "\"", "'", "\\", "a", "A", " ", "$1", "--", "/*", ";", "\n", "é", "表", "%s")),
      [](const std::vector<std::string>& pieces) {
        std::string text;
        for (const auto& piece : pieces) text += piece;
        return text;
      });
}

TEST_F(Arrival, OfAnyTextOrNameAtTheServerIsThatTextOrName) {
  const auto session = connect();
  expect_holds(100, [&] {
    const std::string text = *awkward_text();
    std::string name = "n" + *awkward_text();
    RC_PRE(name.size() < 64);
    const Result result =
        session->send("SELECT " + session->literal(text) + " AS " + session->identifier(name))
            .front();
    RC_ASSERT(result.rows.front().front() == text);
    RC_ASSERT(result.columns.front() == name);
  });
}

TEST_F(Arrival, OfATrackerOfAnyNameIsFoundAgain) {
  const auto sessions = sessions_of(conninfo());
  connect()->send("CREATE TABLE journal(x int)");
  Listing listing;
  listing.migrations.push_back(migration_of(1));
  expect_holds(20, [&] {
    std::string name = "n" + *awkward_text();
    RC_PRE(name.size() < 40 && name.find('.') == std::string::npos);
    RunOptions options;
    options.tracker.table = *rc::gen::arbitrary<bool>() ? name + "." + name : name;
    runner::up(*sessions, listing, options);
    RC_ASSERT(runner::up(*sessions, listing, options).empty());
    RC_ASSERT(
        inspect(*sessions->acquire(std::chrono::seconds(60)), listing, options.tracker).state ==
        Inspection::State::compatible);
  });
}

}  // namespace
}  // namespace gauntlet::runner
