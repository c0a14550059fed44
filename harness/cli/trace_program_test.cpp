// `gauntlet trace`, run as its users run it.
#include "harness/cli/program.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* shell_runner = R"sh(#!/bin/sh
# Applies the files of a folder in order, each once, under an advisory lock.
set -eu
psql -qX -v ON_ERROR_STOP=1 "$DATABASE_URL" <<SQL
SELECT pg_advisory_lock(815);
CREATE TABLE IF NOT EXISTS shell_history(name text PRIMARY KEY);
$(for file in "$1"/*.sql; do
  name=$(basename "$file" .sql)
  printf '%s\n' "SELECT NOT EXISTS (SELECT FROM shell_history WHERE name = '$name') AS pending" \
    '\gset' '\if :pending' 'BEGIN;' "$(cat "$file")" \
    "INSERT INTO shell_history VALUES ('$name');" 'COMMIT;' '\endif'
done)
SELECT pg_advisory_unlock(815);
SQL
)sh";

constexpr const char* shell_subject = R"sh(name = "a shell script"
format = "plain"
up = "sh runner.sh {migrations}"
)sh";

TEST(Trace, OfAShellScriptThatASubjectFileNames) {
  const TestFolder folder;
  folder.write("runner.sh", shell_runner);
  folder.write("runner.toml", shell_subject);
  const auto done = gauntlet({"trace", "--database", "ephemeral", "--json", "--subject",
                              folder.file("runner.toml"), "--html", folder.file("page.html")});
  ASSERT_EQ(done.exit.code, 0) << done.err;
  const json told = json::parse(done.out);
  EXPECT_EQ(told.at("subject"), "a shell script");
  EXPECT_EQ(told.at("tracker").at("table"), "shell_history");
  EXPECT_EQ(told.at("tracker").at("sureness"), "certain");
  EXPECT_THAT(told.at("answers").at("locks").get<std::string>(),
              HasSubstr("yes: session advisory lock 815 by pg_advisory_lock"));
  EXPECT_EQ(told.at("answers").at("looks"), "it locks before it looks");
  EXPECT_EQ(told.at("pending").at("bodies"), 3);
  EXPECT_EQ(told.at("pending").at("locks").at(0).at("bodies"), 3);
  EXPECT_EQ(told.at("pending").at("migrations").size(), 3U);
  EXPECT_EQ(told.at("idle").at("bodies"), 0);
  EXPECT_EQ(told.at("idle").at("locks").size(), 1U);
  std::ifstream stream(folder.file("page.html"));
  std::stringstream page;
  page << stream.rdbuf();
  EXPECT_THAT(page.str(), HasSubstr("<svg"));
}

TEST(Trace, OfTheReferenceRunnerSaysThatItLooksLocksAndLooksAgain) {
  const auto done = gauntlet({"trace", "--database", "ephemeral", "--json"});
  ASSERT_EQ(done.exit.code, 0) << done.err;
  const json told = json::parse(done.out);
  EXPECT_EQ(told.at("tracker").at("tool"), "gauntlet-migrate");
  EXPECT_EQ(told.at("answers").at("looks"), "it looks, locks, and looks again");
  EXPECT_EQ(told.at("pending").at("bodies"), 3);
  EXPECT_EQ(told.at("idle").at("statements"), 1);
  EXPECT_TRUE(told.at("idle").at("locks").empty());
}

TEST(Trace, OfARunnerThatFailsTellsWhatItDidAndThatItFailed) {
  const auto done =
      gauntlet({"trace", "--database", "ephemeral", "--runner", "psql -X {url} -c 'SELECT 1/0'"});
  EXPECT_EQ(done.exit.code, 2);
  EXPECT_THAT(done.out, HasSubstr("22012"));
  EXPECT_THAT(done.err, HasSubstr("error[runner-failed]"));
}

TEST(Trace, RefusesWhatItCannotDo) {
  EXPECT_EQ(gauntlet({"trace", "--database", "ephemeral", "--format", "none"}).exit.code, 64);
  EXPECT_EQ(
      gauntlet({"trace", "--database", "ephemeral", "--runner", "a", "--subject", "b"}).exit.code,
      64);
}

TEST(Trace, StartsAThrowawayServerWhenNoDatabaseIsNamed) {
  EXPECT_EQ(gauntlet({"trace"}).exit.code, 0);
}

}  // namespace
}  // namespace gauntlet::cli
