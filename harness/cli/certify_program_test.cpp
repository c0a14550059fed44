// `gauntlet certify` as its users run it: the small runner, and the same with one flaw at a time;
// then what `verify` prints of it.
#include "harness/certify/lock_file.h"
#include "harness/cli/program.h"
#include "harness/core/files.h"

#include <algorithm>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

using certify::Certificate;
using certify::JudgedPromise;
using testing::HasSubstr;

constexpr std::chrono::minutes certify_bound{8};

/// A copy of the small runner, and a subject file beside it.
struct CertifiedRunner {
  explicit CertifiedRunner(const std::string& flaw, const std::string& promises = "[]") {
    script = folder.write("small.py",
                          core::read_file(GAUNTLET_SOURCE_DIR "/harness/crash/runners/small.py"));
    subject = folder.write("small.toml",
                           "name = 'small'\nformat = 'gauntlet'\n"
                           "up = '/usr/bin/python3 " +
                               script +
                               " {url} {migrations}'\n"
                               "applied_query = 'SELECT version FROM applied WHERE NOT "
                               "unfinished'\n"
                               "env = {FLAW = '" +
                               flaw +
                               "'}\n"
                               "promises_page = 'https://small.example/docs'\n"
                               "promises = " +
                               promises + "\n");
  }

  process::Finished certify(std::vector<std::string> more) const {
    std::vector<std::string> words = {"certify", "--subject", subject, "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return process::run(command_of(words), certify_bound);
  }
  Certificate certificate() const {
    const std::string file = std::string(folder.path()) + "/runner.lock.json";
    return certify::read_lock_file(core::read_file(file), file);
  }

  TestFolder folder;
  std::string script, subject;
};

std::string grade_in(const Certificate& certificate, certify::Area area, const std::string& what) {
  for (const certify::Grade& grade : certificate.grades)
    if (grade.area == area && grade.what == what) return grade.grade;
  return "none";
}

TEST(CertifyProgram, ACorrectRunnerIsGradedInEveryAreaAndKeepsItsPromises) {
  using certify::Area;
  const CertifiedRunner runner("", "['exactly-once', 'atomic', 'replicas-succeed', 'locks']");
  // Every harm is done to this runner by the tests of `crash`.
  const auto done = runner.certify({"--harms", "cut-after"});
  ASSERT_EQ(done.exit.code, 0) << done.err << done.out;
  const Certificate certificate = runner.certificate();
  EXPECT_EQ(grade_in(certificate, Area::lock, "lock-is-noop"), "backed-by-constraint");
  EXPECT_EQ(grade_in(certificate, Area::crash, "in-transaction"), "converged");
  EXPECT_EQ(grade_in(certificate, Area::crash, "outside-transaction"),
            "stopped-and-said-what-to-do");
  EXPECT_EQ(grade_in(certificate, Area::replicas, "together"), "exactly-once");
  EXPECT_NE(grade_in(certificate, Area::pooler, "together"), "none");
  // Its lock is a session's, and behind the pooler it has none to itself.
  EXPECT_NE(grade_in(certificate, Area::pooler, "other-session"), "exactly-once");
  EXPECT_EQ(grade_in(certificate, Area::drift, "edited"), "ignored");
  EXPECT_EQ(grade_in(certificate, Area::drift, "hole"), "applied");
  EXPECT_EQ(grade_in(certificate, Area::tracker, "42501"), "told");
  EXPECT_EQ(grade_in(certificate, Area::reader, "long-reader"), "blocks-others");
  for (const JudgedPromise& promise : certificate.promises)
    EXPECT_EQ(promise.state, JudgedPromise::State::kept) << promise.id << promise.why;
  ASSERT_EQ(certificate.executables.size(), 2U);
  EXPECT_EQ(certificate.executables[1].file, runner.script);
  EXPECT_THAT(core::read_file(std::string(runner.folder.path()) + "/runner.lock.md"),
              HasSubstr("## What the tool promises"));
}

TEST(CertifyProgram, APromiseThatIsBrokenFailsAndAWishDoesNot) {
  const std::string promises = "['replicas-succeed', 'detects-edits']";
  const CertifiedRunner flawed("no-lock", promises), wished("no-lock", "[]");
  const auto broken = flawed.certify({"--areas", "replicas,drift"});
  EXPECT_EQ(broken.exit.code, 1) << broken.err << broken.out;
  EXPECT_THAT(broken.out, HasSubstr("promise-broken"));
  EXPECT_THAT(broken.out, HasSubstr("https://small.example/docs"));
  const auto only_wished = wished.certify({"--areas", "replicas,drift"});
  EXPECT_EQ(only_wished.exit.code, 0) << only_wished.err << only_wished.out;
  EXPECT_THAT(only_wished.out, HasSubstr("backed-by-constraint"));
}

TEST(CertifyProgram, ARunnerThatTakesAnErrorForAMissingTrackerIsToldFromOneThatStops) {
  const CertifiedRunner runner("any-error-is-missing-table");
  runner.certify({"--areas", "tracker"});
  EXPECT_EQ(grade_in(runner.certificate(), certify::Area::tracker, "42501"),
            "backed-by-constraint");
}

TEST(CertifyProgram, ARunnerWithALockTimeoutLetsOthersPassALongReader) {
  const CertifiedRunner runner("lock-timeout");
  runner.certify({"--areas", "reader"});
  EXPECT_EQ(grade_in(runner.certificate(), certify::Area::reader, "long-reader"), "gives-up");
}

TEST(CertifyProgram, ARunnerThatRecordsOutsideItsTransactionIsViolatedByACrash) {
  const CertifiedRunner runner("records-outside");
  const auto done = runner.certify({"--areas", "crash", "--harms", "cut-after"});
  EXPECT_EQ(done.exit.code, 1) << done.err << done.out;
  EXPECT_EQ(grade_in(runner.certificate(), certify::Area::crash, "in-transaction"),
            "applied-twice");
  EXPECT_THAT(done.out, HasSubstr("of the harms only cut-after"));
}

TEST(CertifyProgram, VerifyPrintsOneLineOfItAndFailsOnItOnlyWhereThatIsAsked) {
  const CertifiedRunner runner("no-lock", "['replicas-succeed']");
  ASSERT_EQ(runner.certify({"--areas", "replicas"}).exit.code, 1);
  const TestFolder migrations;
  migrations.write("001_a.up.sql", "CREATE TABLE a (n int);\n");
  const auto verified = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"verify",    "--migrations", migrations.path(),
                                      "--subject", runner.subject, "--checks",
                                      "lint",      "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return gauntlet(words);
  };
  const auto line_of = [](const process::Finished& done) -> nlohmann::json {
    const auto report = only_object_on(done.out);
    for (const auto& result : report["results"])
      if (result["id"] == "runner/certificate") return result;
    return {};
  };
  const auto printed = verified({});
  EXPECT_EQ(printed.exit.code, 0) << printed.err << printed.out;
  EXPECT_EQ(line_of(printed)["verdict"], "not-applicable");
  EXPECT_THAT(line_of(printed)["reason"].get<std::string>(), HasSubstr("small was certified on"));
  EXPECT_EQ(verified({"--fail-on", "runner"}).exit.code, 1);
  runner.folder.write("small.py", "# another program\n" + core::read_file(runner.script));
  EXPECT_THAT(line_of(verified({}))["reason"].get<std::string>(), HasSubstr("stale: small.py"));
  EXPECT_EQ(verified({"--fail-on", "runner"}).exit.code, 2);
}

TEST(CertifyProgram, RefusesAnUnknownAreaFormatOrPromiseBeforeAnythingRuns) {
  EXPECT_EQ(gauntlet({"certify", "--areas", "love"}).exit.code, 64);
  EXPECT_EQ(gauntlet({"certify", "--format", "runes"}).exit.code, 64);
  EXPECT_EQ(gauntlet({"certify", "--harms", "love"}).exit.code, 64);
  const CertifiedRunner runner("", "['eternal-youth']");
  const auto done = runner.certify({});
  EXPECT_EQ(done.exit.code, 2);
  EXPECT_THAT(done.err, HasSubstr("there is no promise `eternal-youth`"));
}

}  // namespace
}  // namespace gauntlet::cli
