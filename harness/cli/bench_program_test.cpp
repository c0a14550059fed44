// `gauntlet bench`, run as its users run it. What it takes is nobody's business here.
#include "harness/arena/connection.h"
#include "harness/arena/folders.h"
#include "harness/arena/server.h"
#include "harness/cli/program.h"
#include "harness/process/owner.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* locking_runner = R"sh(set -eu
psql -qX -v ON_ERROR_STOP=1 "$DATABASE_URL" <<SQL
SELECT pg_advisory_lock(815);
CREATE TABLE IF NOT EXISTS shell_history(version int, name text);
$(for file in "$1"/*.sql; do
  name=$(basename "$file" .sql)
  printf '%s\n' "SELECT NOT EXISTS (SELECT FROM shell_history WHERE name = '$name') AS pending" \
    '\gset' '\if :pending' 'BEGIN;' "$(cat "$file")" \
    "INSERT INTO shell_history VALUES (${name%%_*}, '$name');" 'COMMIT;' '\endif'
done)
SQL
)sh";

std::string contents_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

const json& row_of(const json& study, const std::string& name) {
  for (const json& row : study.at("benchmarks"))
    if (row.at("name") == name) return row;
  throw std::runtime_error(name + " was not measured");
}

TEST(BenchProgram, MeasuresAnyRunnerBesideTheReferenceAndTheFloor) {
  const TestFolder folder;
  folder.write("runner.sh", locking_runner);
  const std::string command = "sh " + folder.file("runner.sh") + " {migrations}";
  const auto run = gauntlet({"bench", "--database", "ephemeral", "--runner", command, "--format",
                             "plain", "--applied-query", "SELECT version, name FROM shell_history",
                             "--replicas", "2", "--latency", "5", "--rounds", "1", "--json",
                             folder.file("out.json"), "--html", folder.file("out.html")});
  ASSERT_EQ(run.exit.code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("5 pending, 5 ms a round trip"));
  EXPECT_THAT(run.out, HasSubstr("nothing is concluded"));
  const json study = json::parse(contents_of(folder.file("out.json")));
  for (const char* who : {"bare program", "gauntlet-migrate", "sh"})
    for (const char* cell :
         {"5 pending/round_trip_ms:5/replicas:2/", "nothing pending/round_trip_ms:5/replicas:2/"})
      EXPECT_FALSE(row_of(study, std::string(cell) + who).contains("error_occurred"));
  const json& reference =
      row_of(study, "nothing pending/round_trip_ms:5/replicas:2/gauntlet-migrate");
  EXPECT_EQ(reference.at("round_trips"), 1);
  EXPECT_THAT(contents_of(folder.file("out.html")), HasSubstr("<svg"));

  const auto again = gauntlet({"bench", "--read", folder.file("out.json")});
  EXPECT_EQ(again.exit.code, 0);
  EXPECT_EQ(again.out, run.out);
  const auto table = gauntlet({"bench", "--read", folder.file("out.json"), "--markdown"});
  EXPECT_THAT(table.out, HasSubstr("| 5 pending | +5 ms | 2 |"));
}

TEST(BenchProgram, ShowsAWrongRunnerAsWrongAndEndsWithOne) {
  // It applies the files once, and fails where nothing is pending.
  const TestFolder folder;
  const std::string script = folder.write(
      "runner.sh",
      "for file in \"$1\"/*.sql; do psql -qX -v ON_ERROR_STOP=1 \"$DATABASE_URL\" -f \"$file\" ||"
      " exit 1; done\n");
  const auto run =
      gauntlet({"bench", "--database", "ephemeral", "--runner", "sh " + script + " {migrations}",
                "--format", "plain", "--replicas", "1", "--rounds", "1"});
  EXPECT_EQ(run.exit.code, 1) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("WRONG in 1 of 1 runs"));
}

TEST(BenchProgram, MeasuresWithTheMigrationsOfAUser) {
  const TestFolder folder;
  folder.write("1_parcels.up.sql", "CREATE TABLE parcels (id int)");
  folder.write("2_weights.up.sql", "ALTER TABLE parcels ADD COLUMN weight int");
  const auto run = gauntlet({"bench", "--database", "ephemeral", "--migrations", folder.path(),
                             "--replicas", "2", "--rounds", "1"});
  EXPECT_EQ(run.exit.code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("2 pending"));
  folder.write("3_role.up.sql", "CREATE ROLE accountant");
  const auto refused =
      gauntlet({"bench", "--database", "ephemeral", "--migrations", folder.path()});
  EXPECT_EQ(refused.exit.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("error[cluster-changes]"));
}

TEST(BenchProgram, RefusesARunnerThatCannotApplyTheFilesBeforeTheFirstRound) {
  const auto refused = gauntlet(
      {"bench", "--database", "ephemeral", "--runner", "true", "--replicas", "1", "--rounds", "1"});
  EXPECT_EQ(refused.exit.code, 2) << refused.out;
  EXPECT_THAT(refused.err, AllOf(HasSubstr("error[cannot-apply]"), HasSubstr("true does not apply"),
                                 Not(HasSubstr("round 1 of"))));
}

TEST(BenchProgram, KeepsEveryRoundBeforeTheNextSoThatASignalLosesNone) {
  const TestFolder folder;
  const std::string file = (folder.path() / "kept.json").string();
  auto run = process::Process::start(command_of(
      {"bench", "--database", "ephemeral", "--replicas", "1", "--rounds", "1000", "--json", file}));
  ASSERT_TRUE(comes_to([&] { return std::filesystem::exists(file); })) << run.err();
  run.signal(SIGINT);
  ASSERT_TRUE(run.wait_for(std::chrono::seconds(60)).has_value());
  const auto read = gauntlet({"bench", "--read", file});
  EXPECT_THAT(read.out, HasSubstr("gauntlet-migrate")) << read.err;
  EXPECT_NE(read.exit.code, 64);
}

TEST(BenchProgram, RefusesWhatItCannotDo) {
  EXPECT_EQ(gauntlet({"bench", "--database", "ephemeral", "--replicas", "0"}).exit.code, 64);
  EXPECT_EQ(gauntlet({"bench", "--database", "ephemeral", "--latency", "-1"}).exit.code, 64);
  EXPECT_EQ(gauntlet({"bench", "--read", "x", "--runner", "y"}).exit.code, 64);
  const TestFolder folder;
  const auto strange = gauntlet({"bench", "--read", folder.write("x.json", "{}")});
  EXPECT_EQ(strange.exit.code, 2);
  EXPECT_THAT(strange.err, HasSubstr("error[bad-study]"));
}

std::vector<std::string> folders_of(const process::Owner& owner) {
  std::vector<std::string> found;
  for (const auto& base : arena::base_folders())
    for (const auto& entry : std::filesystem::directory_iterator(base))
      if (entry.path().filename().string().starts_with(owner.text())) found.push_back(entry.path());
  return found;
}

TEST(BenchProgram, InterruptedLeavesNoDatabaseNoSessionAndNoFolder) {
  const auto server = arena::Server::start({});
  auto run = process::Process::start(
      command_of({"bench", "--database", server->loopback().url(), "--runner",
                  "psql -X {url} -c 'SELECT pg_sleep(1000)'", "--replicas", "4"}));
  const auto owner = *process::Owner::of(run.pid());
  const auto asked = [&](const std::string& sql) {
    return arena::Connection(server->local()).ask_one(sql);
  };
  ASSERT_TRUE(comes_to([&] {
    return asked(
               "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(1000)%'"
               " AND datname LIKE 'gauntlet%'") == "1";
  })) << run.err();
  EXPECT_THAT(folders_of(owner), Not(testing::IsEmpty()));
  run.signal(SIGINT);
  const auto exit = run.wait_for(std::chrono::seconds(60));
  ASSERT_TRUE(exit.has_value());
  EXPECT_EQ(exit->signal, SIGINT) << exit->text() << run.err();
  EXPECT_TRUE(comes_to([&] {
    return asked("SELECT count(*) FROM pg_database WHERE datname LIKE 'gauntlet%'") == "0";
  }));
  EXPECT_EQ(asked("SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'gauntlet%'"), "0");
  EXPECT_TRUE(comes_to([&] { return folders_of(owner).empty(); }))
      << testing::PrintToString(folders_of(owner));
}

}  // namespace
}  // namespace gauntlet::cli
