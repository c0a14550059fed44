// Runners that do the same wrong thing every time, and report success: neither their tracker nor a
// second run of their own shows it. Each is found by `verify` and by `test`, and the same runner
// without the flaw holds there.
#include "harness/cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

struct Flawed {
  const char* flaw;
  const char* by_verify;  ///< the id of the finding
  const char* by_test;
  const char* says = "";  ///< what the message says
  /// Seen only where a file fails: then it is a scenario that has such a file.
  const char* scenario = nullptr;
};

void PrintTo(const Flawed& flawed, std::ostream* out) { *out << flawed.flaw; }

class FlawedRunner : public testing::TestWithParam<Flawed> {
 protected:
  FlawedRunner() {
    folder_.write("m/001_accounts.up.sql",
                  "CREATE TABLE accounts(id int PRIMARY KEY, cents int, note text);\n"
                  "INSERT INTO accounts SELECT g, 100, 'a; b' FROM generate_series(1, 9) g;\n");
    folder_.write("m/002_double.up.sql", "UPDATE accounts SET cents = cents * 2;\n");
    folder_.write("m/003_bonus.up.sql", "\xEF\xBB\xBFUPDATE accounts SET cents = cents + 1;\n");
    folder_.write("m/004_large.up.sql", "-- " + std::string(70'000, 'x') +
                                            "\nUPDATE accounts SET note = 'large' WHERE id = 1;\n");
    folder_.write("own.toml",
                  "id = 'mine/deploy'\nclaim = 'the files are applied'\nwhy = 'or not'\n[[stage]]\n"
                  "name = 'deploy'\nmigrations = 'm'\nreplicas = 1\n"
                  "oracles = ['all-succeed', 'set-equality']\n");
  }

  /// The only result of a command that judges.
  json judged(std::vector<std::string> words, const std::string& how) const {
    words.insert(words.end(),
                 {"--database", "ephemeral", "--json", "--applied-query",
                  "SELECT version, name FROM history", "--runner",
                  "/usr/bin/python3 -B " GAUNTLET_SOURCE_DIR "/harness/cli/runners/flawed.py " +
                      how + " {migrations}"});
    const auto run = gauntlet(std::move(words));
    const json report = only_object_on(run.out);
    if (!report.is_object()) return {{"verdict", "none"}, {"output", run.out + run.err}};
    return report.at("results").at(0);
  }

  json verified(const std::string& how) const {
    return judged({"verify", "--migrations", folder_.file("m"), "--checks", "boot"}, how);
  }
  json tested(const std::string& how) const {
    const char* scenario = GetParam().scenario;
    return judged({"test", scenario == nullptr ? folder_.file("own.toml") : scenario}, how);
  }

  void expect_found(const json& result, const std::string& id) const {
    EXPECT_EQ(result.at("verdict"), "violated") << result.dump(1);
    EXPECT_THAT(result.dump(), HasSubstr("\"id\":\"" + id + "\""));
    EXPECT_THAT(result.dump(), HasSubstr(GetParam().says));
  }

  const TestFolder folder_;
  const std::string twin_ = std::string(GetParam().flaw) + ".ok";
};

TEST_P(FlawedRunner, IsFoundByTestAndHoldsWithoutTheFlaw) {
  expect_found(tested(GetParam().flaw), GetParam().by_test);
  const json twin = tested(twin_);
  EXPECT_EQ(twin.at("verdict"), "holds") << twin.dump(1);
}

TEST_P(FlawedRunner, IsFoundByVerifyAndHoldsWithoutTheFlaw) {
  if (GetParam().scenario == nullptr) {
    expect_found(verified(GetParam().flaw), GetParam().by_verify);
  } else {
    // Files that succeed show nothing of what it does with one that fails.
    folder_.write("m/005_fails.up.sql", "CREATE TABLE accounts(id int);\n");
    expect_found(verified(GetParam().flaw), GetParam().by_verify);
    std::filesystem::remove(folder_.path() / "m/005_fails.up.sql");
  }
  const json twin = verified(twin_);
  EXPECT_EQ(twin.at("verdict"), "holds") << twin.dump(1);
}

INSTANTIATE_TEST_SUITE_P(
    AnyProgram, FlawedRunner,
    testing::Values(Flawed{"newest-first", "apply-failed", "replica-failed"},
                    Flawed{"last-only", "apply-failed", "replica-failed"},
                    Flawed{"skips-marked", "data-differs-from-files", "data-differs-from-files",
                           "statement 1 of 1 of 003_bonus.up.sql was not sent"},
                    Flawed{"skips-large", "data-differs-from-files", "data-differs-from-files",
                           "statement 1 of 1 of 004_large.up.sql was not sent"},
                    Flawed{"body-twice", "data-differs-from-files", "data-differs-from-files"},
                    Flawed{"never-commits", "not-applied", "not-applied",
                           "not one of the files' tables is there"},
                    Flawed{"splits-at-semicolons", "apply-failed", "replica-failed"},
                    Flawed{"record-first", "error-swallowed", "error-swallowed", "already exists",
                           "transactions/atomic-apply"},
                    Flawed{"record-first-by-statement", "apply-failed", "half-applied", "",
                           "transactions/atomic-apply"},
                    Flawed{"tries-again", "error-swallowed", "error-swallowed", "already exists",
                           "transactions/atomic-apply"},
                    Flawed{"exists-is-success", "error-swallowed", "error-swallowed",
                           "already exists", "transactions/atomic-apply"}),
    [](const auto& flawed) {
      std::string name = flawed.param.flaw;
      std::erase(name, '-');
      return name;
    });

}  // namespace
}  // namespace gauntlet::cli
