#include "harness/verify/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using testing::HasSubstr;
using testing::Not;

Options options() {
  Options made;
  made.migrations = "db/migrations";
  made.format = *formats::find_format("gauntlet");
  made.database = "ephemeral";
  made.seed = 7;
  return made;
}

TEST(Replay, NamesTheOneCheck) {
  EXPECT_EQ(replay_command(options(), "dry-run"),
            "gauntlet verify --database ephemeral --migrations db/migrations --checks dry-run "
            "--format gauntlet --seed 7");
}

TEST(Replay, NeverShowsTheUrlOfAGivenDatabase) {
  Options given = options();
  given.database = "postgresql://me:secret@host/db";

  const std::string command = replay_command(given, "status");

  EXPECT_THAT(command, HasSubstr("--database \"$TEST_DATABASE_URL\""));
  EXPECT_THAT(command, Not(HasSubstr("secret")));
}

TEST(Replay, QuotesWordsForTheShell) {
  Options odd = options();
  odd.migrations = "my 'own' files";

  EXPECT_THAT(replay_command(odd, "lint"), HasSubstr(R"(--migrations 'my '\''own'\'' files')"));
}

TEST(Replay, RepeatsWhatDiffersFromTheUsual) {
  Options odd = options();
  odd.runner = "goose up";
  odd.applied_query = "SELECT 1";
  odd.success_codes = {0, 3};
  odd.replicas = 4;
  odd.statement_timeout = std::chrono::milliseconds(1500);
  odd.init_sql = "roles.sql";
  odd.allow_cluster_changes = true;
  odd.arena.server.settings["work_mem"] = "8MB";

  EXPECT_THAT(
      replay_command(odd, "replicas"),
      HasSubstr("--runner 'goose up' --applied-query 'SELECT 1' --success-codes 0,3 --replicas 4 "
                "--statement-timeout 1500ms --init-sql roles.sql --allow-cluster-changes "
                "--server-setting work_mem=8MB"));
}

TEST(Replay, TellsTheServiceOnlyOfBoot) {
  Options service = options();
  service.service = "svc --port {port}";
  service.health_url = "/healthz";

  EXPECT_THAT(replay_command(service, "boot"),
              HasSubstr("--service 'svc --port {port}' --health-url /healthz"));
  EXPECT_THAT(replay_command(service, "replicas"), Not(HasSubstr("svc")));
}

}  // namespace
}  // namespace gauntlet::verify
