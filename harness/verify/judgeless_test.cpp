// Every check of `verify` without its judge: no run of it may pass, whatever it did before.
#include "harness/verify/boot.h"
#include "harness/verify/check.h"
#include "harness/verify/replicas.h"
#include "harness/verify/scripted_runner.h"
#include "harness/verify/sqlite_checks.h"
#include "harness/verify/test_ground.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using core::Verdict;
using test::told_by;

class Judgeless : public testing::TestWithParam<std::string> {
 protected:
  static core::Report verified(const std::string& database, const std::string& id,
                               const RunCheck& run) {
    test::Folder folder;
    folder.add("1_a.up.sql", "CREATE TABLE a(id int);").add("1_a.down.sql", "DROP TABLE a;");
    Options options = test::options_for(folder, database);
    options.checks = {id};
    options.replicas = 2;
    return verify(options, {}, run);
  }

  /// Runs the check, and drops what it concluded.
  static core::Result dropped(core::Result result) {
    result.judgement = {};
    return result;
  }
};

TEST_P(Judgeless, CheckIsNoPass) {
  const core::Report report = verified(
      "ephemeral", GetParam(),
      [](const Check& check, const Context& context) { return dropped(check.run(context)); });
  EXPECT_EQ(report.results.at(0).judgement.verdict, Verdict::unknown);
  EXPECT_NE(report.exit_code(), 0);
}

TEST_P(Judgeless, CheckWithItsJudgeHolds) {
  const core::Report report =
      verified("ephemeral", GetParam(),
               [](const Check& check, const Context& context) { return check.run(context); });
  EXPECT_EQ(report.results.at(0).judgement.verdict, Verdict::holds)
      << told_by(report.results.at(0));
  EXPECT_EQ(report.exit_code(), 0);
}

TEST_P(Judgeless, CheckOfAFileIsNoPass) {
  const core::Report report =
      verified("sqlite:ephemeral", GetParam(), [](const Check& check, const Context& context) {
        return dropped(check.needs_database ? sqlite_check(check.id)(context) : check.run(context));
      });
  EXPECT_NE(report.exit_code(), 0);
}

std::vector<std::string> ids_of_all() {
  std::vector<std::string> ids;
  for (const Check& check : checks()) ids.emplace_back(check.id);
  return ids;
}

INSTANTIATE_TEST_SUITE_P(Every, Judgeless, testing::ValuesIn(ids_of_all()), [](const auto& id) {
  std::string name = id.param;
  std::erase(name, '-');
  return name;
});

// A runner that ends well is no evidence by itself: neither the end of a run nor its repetition.
TEST(JudgelessRun, ThatEndsWellIsNoPass) {
  for (const auto check : {boot, replicas}) {
    const ScriptedRunner runner(journal_files(), locking_runner());
    Context context = runner.context();
    context.drops_judges = true;
    const core::Result result = check(context);
    EXPECT_NE(core::settled(result.judgement).verdict, Verdict::holds) << told_by(result);
  }
}

}  // namespace
}  // namespace gauntlet::verify
