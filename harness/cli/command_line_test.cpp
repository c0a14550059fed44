#include "harness/cli/command_line.h"

#include "harness/cli/ground.h"

#include <cstdlib>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;

Command parse(std::vector<const char*> words) {
  words.insert(words.begin(), "gauntlet");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

VerifyCommand parse_verify(std::vector<const char*> flags) {
  flags.insert(flags.begin(), {"verify", "--migrations", "m"});
  return std::get<VerifyCommand>(parse(std::move(flags)));
}

std::string refusal(std::vector<const char*> words) {
  try {
    parse(std::move(words));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal_of_verify(std::vector<const char*> flags) {
  flags.insert(flags.begin(), {"verify", "--migrations", "m"});
  return refusal(std::move(flags));
}

TEST(CommandLine, VerifiesWithUsualValuesWhenLittleIsSaid) {
  const VerifyCommand command = parse_verify({});
  EXPECT_EQ(command.options.migrations, "m");
  EXPECT_EQ(command.options.format.name, "auto");
  EXPECT_EQ(command.options.replicas, 16U);
  EXPECT_EQ(command.options.statement_timeout, std::chrono::minutes(5));
  EXPECT_EQ(command.options.boot_deadline, std::chrono::seconds(30));
  EXPECT_EQ(command.options.success_codes, std::vector<int>{0});
  EXPECT_TRUE(command.options.checks.empty());
  EXPECT_EQ(command.outputs.targets, std::vector<OutputTarget>{{}});
}

TEST(CommandLine, TakesEveryFlagOfVerify) {
  const VerifyCommand command = parse_verify({"--database",
                                              "ephemeral",
                                              "--checks",
                                              "lint,boot",
                                              "--format",
                                              "golang-migrate",
                                              "--runner",
                                              "r {url}",
                                              "--applied-query",
                                              "SELECT 1",
                                              "--success-codes",
                                              "0,3",
                                              "--service",
                                              "s",
                                              "--health-url",
                                              "http://x",
                                              "--boot-deadline",
                                              "9s",
                                              "--replicas",
                                              "4",
                                              "--statement-timeout",
                                              "2m",
                                              "--keep",
                                              "--init-sql",
                                              "p.sql",
                                              "--allow-cluster-changes",
                                              "--postgres",
                                              "/pg",
                                              "--server-setting",
                                              "a=b",
                                              "--server-setting",
                                              "c=d=e",
                                              "--locale",
                                              "C",
                                              "--json",
                                              "--output",
                                              "html=p.html",
                                              "--all",
                                              "--junit",
                                              "j.xml",
                                              "--seed",
                                              "18446744073709551615"});
  const verify::Options& options = command.options;
  EXPECT_EQ(options.database, "ephemeral");
  EXPECT_EQ(options.checks, (std::vector<std::string>{"lint", "boot"}));
  EXPECT_EQ(options.format.name, "golang-migrate");
  EXPECT_EQ(options.runner, "r {url}");
  EXPECT_EQ(options.applied_query, "SELECT 1");
  EXPECT_EQ(options.success_codes, (std::vector<int>{0, 3}));
  EXPECT_EQ(options.service, "s");
  EXPECT_EQ(options.health_url, "http://x");
  EXPECT_EQ(options.boot_deadline, std::chrono::seconds(9));
  EXPECT_EQ(options.replicas, 4U);
  EXPECT_EQ(options.statement_timeout, std::chrono::minutes(2));
  EXPECT_TRUE(options.keep);
  EXPECT_EQ(options.init_sql, "p.sql");
  EXPECT_TRUE(options.allow_cluster_changes);
  EXPECT_EQ(options.arena.server.binaries, "/pg");
  EXPECT_EQ(options.arena.server.settings,
            (std::map<std::string, std::string>{{"a", "b"}, {"c", "d=e"}}));
  EXPECT_EQ(options.arena.server.locale, "C");
  using Kind = OutputTarget::Kind;
  EXPECT_THAT(command.outputs.targets,
              testing::ElementsAre(OutputTarget{.kind = Kind::html, .file = "p.html"},
                                   OutputTarget{.kind = Kind::json},
                                   OutputTarget{.kind = Kind::junit, .file = "j.xml"}));
  EXPECT_TRUE(command.outputs.all);
  EXPECT_EQ(command.seed, 18446744073709551615U);
}

TEST(CommandLine, TakesTheDatabaseFromTheEnvironment) {
  setenv("TEST_DATABASE_URL", "postgresql://somewhere", 1);
  const VerifyCommand command = parse_verify({});
  unsetenv("TEST_DATABASE_URL");
  EXPECT_EQ(command.options.database, "postgresql://somewhere");
}

TEST(CommandLine, TakesAnEmptyEnvironmentVariableForNone) {
  setenv("TEST_DATABASE_URL", "", 1);
  const VerifyCommand command = parse_verify({});
  unsetenv("TEST_DATABASE_URL");
  EXPECT_EQ(command.options.database, "");
}

TEST(CommandLine, RefusesAnUnknownCheckAndNamesThoseThereAre) {
  EXPECT_THAT(refusal_of_verify({"--checks", "scam"}),
              HasSubstr("no check `scam`; the checks are lint"));
}

TEST(CommandLine, RefusesAnUnknownFormatAndNamesThoseThereAre) {
  EXPECT_THAT(refusal_of_verify({"--format", "f"}),
              HasSubstr("no format `f`; the formats are gauntlet"));
}

TEST(CommandLine, RefusesABadDuration) {
  EXPECT_THAT(refusal_of_verify({"--statement-timeout", "5"}),
              HasSubstr("--statement-timeout: \"5\" is not a time"));
}

TEST(CommandLine, RefusesWithoutThePasswordOfAUrl) {
  for (const char* url : {"postgresql://u:S3cr3t@h/d", "postgresql://u:S3cr3t/x@h/d",
                          "postgresql://u:S3cr3t", "host=h password=S3cr3t"}) {
    EXPECT_THAT(refusal_of_verify({"--databse", url}), testing::Not(HasSubstr("S3cr3t"))) << url;
    EXPECT_THAT(refusal({"verfy", url}), testing::Not(HasSubstr("S3cr3t"))) << url;
  }
}

TEST(CommandLine, RefusesAWaitWithoutAnEnd) {
  EXPECT_THAT(refusal_of_verify({"--boot-deadline", "0"}), HasSubstr("without an end"));
}

TEST(CommandLine, RefusesAFlagThatIsNotThere) {
  EXPECT_THAT(refusal_of_verify({"--frobnicate"}), HasSubstr("--frobnicate"));
}

TEST(CommandLine, RefusesVerifyWithoutAFolder) {
  EXPECT_THAT(refusal({"verify"}), HasSubstr("--migrations"));
}

TEST(CommandLine, RefusesNoCommandAndAnUnknownOne) {
  EXPECT_EQ(refusal({}), "a subcommand is required");
  EXPECT_EQ(refusal({"verfy"}), "unknown word `verfy`, and a subcommand is required");
  EXPECT_EQ(refusal({"server", "strat"}), "unknown word `strat`, and a subcommand is required");
}

TEST(CommandLine, RefusesReplicasOutsideTheirBounds) {
  for (const char* replicas : {"0", "201", "-3", "many", "99999999999999999999"}) {
    SCOPED_TRACE(replicas);
    EXPECT_THAT(refusal_of_verify({"--replicas", replicas}), HasSubstr("--replicas"));
  }
}

TEST(CommandLine, TakesASingleDeployer) {
  EXPECT_EQ(parse_verify({"--replicas", "1"}).options.replicas, 1U);
}

TEST(CommandLine, RefusesBootWithoutReadyAndReadyWithoutBoot) {
  EXPECT_THAT(refusal_of_verify({"--service", "s"}), HasSubstr("must be given together"));
  EXPECT_THAT(refusal_of_verify({"--health-url", "u"}), HasSubstr("must be given together"));
}

TEST(CommandLine, RefusesASettingWithoutAValue) {
  EXPECT_THAT(refusal_of_verify({"--server-setting", "fsync"}), HasSubstr("not NAME=VALUE"));
}

TEST(CommandLine, RefusesSettingsForAServerThatIsNotOurs) {
  EXPECT_THAT(refusal_of_verify({"--database", "postgresql://x", "--locale", "C"}),
              HasSubstr("--database ephemeral"));
}

TEST(CommandLine, HelpOfEveryCommandNamesItsFlags) {
  const std::vector<std::pair<std::vector<const char*>, std::string>> helps = {
      {{"--help"}, "verify"},
      {{"verify", "--help"}, "--allow-cluster-changes"},
      {{"list", "--help"}, "oracles"},
      {{"server", "--help"}, "gauntlet server start"},
      {{"server", "start", "--help"}, "--ttl"},
      {{"clean", "--help"}, "--database"}};
  for (const auto& [words, expected] : helps) {
    SCOPED_TRACE(words.front());
    EXPECT_THAT(std::get<Printed>(parse(words)).text, HasSubstr(expected));
  }
}

TEST(CommandLine, TellsItsVersion) {
  EXPECT_THAT(std::get<Printed>(parse({"--version"})).text, testing::StartsWith("gauntlet "));
}

TEST(CommandLine, StartsAServerThatLivesTwoHoursUnlessTold) {
  EXPECT_EQ(std::get<ServerStart>(parse({"server", "start"})).ttl, std::chrono::hours(2));
  EXPECT_EQ(std::get<ServerStart>(parse({"server", "start", "--ttl", "90s"})).ttl,
            std::chrono::seconds(90));
}

TEST(CommandLine, ListsOneOfFiveThings) {
  EXPECT_EQ(std::get<ListCommand>(parse({"list", "findings"})).what, ListCommand::What::findings);
  EXPECT_THAT(refusal({"list", "dragons"}), HasSubstr("dragons"));
}

TEST(CommandLine, RunsScenariosAsOftenAndAsLongAsIsSaid) {
  const auto run =
      std::get<TestCommand>(parse({"test", "locks/*", "--database", "ephemeral", "--repeat", "5",
                                   "--timeout", "2m", "--seed", "7"}));
  EXPECT_EQ(run.scenarios, std::vector<std::string>{"locks/*"});
  EXPECT_EQ(run.how.repeat, 5U);
  EXPECT_EQ(run.how.timeout, std::chrono::minutes(2));
  EXPECT_EQ(run.how.seed, 7U);
  EXPECT_EQ(run.how.window, std::nullopt);
  EXPECT_EQ(run.how.jobs, std::nullopt);
  EXPECT_EQ(std::get<TestCommand>(parse({"test", "--jobs", "3"})).how.jobs, 3U);
  EXPECT_THAT(refusal({"mutants", "--jobs", "0"}), HasSubstr("--jobs"));
}

TEST(CommandLine, RunsOneAfterTheOtherOnAServerThatIsGiven) {
  ScenarioOptions how;
  how.database = "postgresql://u@h/d";
  EXPECT_EQ(jobs_of(how), 1U);
  how.jobs = 7;
  EXPECT_EQ(jobs_of(how), 7U);
  how = {};
  how.database = "ephemeral";
  EXPECT_THAT(jobs_of(how), AllOf(Ge(2U), Le(4U)));
}

TEST(CommandLine, PutsOneSubjectThroughScenarios) {
  EXPECT_THAT(refusal({"test", "--mutant", "lock-is-noop", "--processes"}),
              HasSubstr("give one of them"));
  EXPECT_THAT(refusal({"test", "--runner", "r", "--processes"}), HasSubstr("give one of them"));
  EXPECT_THAT(refusal({"test", "--repeat", "0"}), HasSubstr("--repeat"));
}

TEST(CommandLine, WantsAMutantToBeKilledAtLeastOnce) {
  EXPECT_THAT(refusal({"mutants", "--repeat", "3", "--survivors-max", "3"}),
              HasSubstr("no mutant need be killed"));
}

TEST(CommandLine, TracesOneRunnerInTheTermsOfTheOtherCommands) {
  const auto trace = std::get<TraceCommand>(
      parse({"trace", "--runner", "r {url}", "--format", "dbmate", "--database", "ephemeral",
             "--timeout", "90s", "--success-codes", "0,3", "--json"}));
  EXPECT_EQ(trace.runner, "r {url}");
  EXPECT_EQ(trace.format, "dbmate");
  EXPECT_EQ(trace.timeout, std::chrono::seconds(90));
  EXPECT_EQ(trace.success_codes, (std::vector<int>{0, 3}));
  EXPECT_EQ(trace.output, Output::json);
  EXPECT_THAT(refusal({"trace", "--runner", "r", "--subject", "s.toml"}),
              HasSubstr("give one of them"));
  EXPECT_THAT(refusal({"trace", "--format", "runes"}), HasSubstr("no format `runes`"));
}

TEST(CommandLine, NamesTheServerToStop) {
  EXPECT_EQ(std::get<ServerStop>(parse({"server", "stop", "ci"})).name, "ci");
  EXPECT_EQ(std::get<ServerUrl>(parse({"server", "url"})).name, "");
}

}  // namespace
}  // namespace gauntlet::cli
