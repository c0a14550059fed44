#include "harness/cli/outputs.h"

#include "harness/cli/command_line.h"
#include "harness/cli/output.h"
#include "harness/cli/source_path.h"
#include "harness/core/files.h"
#include "runner/folder_test.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gauntlet::cli {
namespace {

namespace fs = std::filesystem;
using Kind = OutputTarget::Kind;
using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal_of_outputs(const std::vector<std::string>& words) {
  try {
    output_targets(words, false);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Outputs, AreTextOnStdoutUnlessAnotherKindGoesThere) {
  EXPECT_THAT(output_targets({}, false), ElementsAre(OutputTarget{}));
  EXPECT_THAT(output_targets({"json"}, false), ElementsAre(OutputTarget{.kind = Kind::json}));
  EXPECT_THAT(output_targets({"sarif=a.sarif", "junit=b.xml"}, false),
              ElementsAre(OutputTarget{}, OutputTarget{.kind = Kind::sarif, .file = "a.sarif"},
                          OutputTarget{.kind = Kind::junit, .file = "b.xml"}));
}

TEST(Outputs, HaveAnnotationsBesideTextInsideGitHubActions) {
  EXPECT_THAT(output_targets({}, true),
              ElementsAre(OutputTarget{}, OutputTarget{.kind = Kind::github}));
  EXPECT_THAT(output_targets({"json", "github"}, true),
              ElementsAre(OutputTarget{.kind = Kind::json}, OutputTarget{.kind = Kind::github}));
}

TEST(Outputs, AreWrittenOnceWhenGivenTwice) {
  EXPECT_THAT(output_targets({"json", "json"}, false),
              ElementsAre(OutputTarget{.kind = Kind::json}));
}

TEST(Outputs, AreRefusedWithTheReason) {
  EXPECT_THAT(refusal_of_outputs({"xml"}), HasSubstr("no kind `xml`; the kinds are text, json"));
  EXPECT_THAT(refusal_of_outputs({"json="}), HasSubstr("names no file"));
  EXPECT_THAT(refusal_of_outputs({"json", "html"}), HasSubstr("--output html=FILE"));
  EXPECT_EQ(refusal_of_outputs({"json", "html=x", "github"}), "accepted");
}

mode_t mode_of(const std::string& file) {
  struct stat status {};
  EXPECT_EQ(stat(file.c_str(), &status), 0);
  return status.st_mode & 07777U;
}

TEST(WrittenFile, OfTheOwnerAloneIsClosedAlsoWhereItWasOpen) {
  const runner::TestFolder folder;
  const std::string file = folder.write("history.json", "old, and longer than the new text");
  ASSERT_EQ(chmod(file.c_str(), 0644), 0);
  write_file(file, "new", Form::text, Readers::owner);
  EXPECT_EQ(mode_of(file), 0600U);
  EXPECT_EQ(core::read_file(file), "new");
  write_file(folder.file("fresh.json"), "new", Form::text, Readers::owner);
  EXPECT_EQ(mode_of(folder.file("fresh.json")), 0600U);
}

TEST(WrittenFile, GoesThroughALinkOfOurOwn) {
  const runner::TestFolder folder;
  const std::string target = folder.write("target", "old");
  fs::create_symlink(target, folder.file("link"));
  write_file(folder.file("link"), "new");
  EXPECT_EQ(core::read_file(target), "new");
  EXPECT_NO_THROW(write_file("/dev/null", "x"));
}

constexpr uid_t nobody = 65534;

// Only root can make a link for another account.
TEST(WrittenFile, DoesNotGoThroughALinkOfAnotherAccount) {
  if (geteuid() != 0) return;
  const runner::TestFolder folder;
  const std::string target = folder.write("target", "old"), link = folder.file("link");
  fs::create_symlink(target, link);
  ASSERT_EQ(lchown(link.c_str(), nobody, nobody), 0);
  EXPECT_THROW(write_file(link, "new"), runner::Error);
  EXPECT_EQ(core::read_file(target), "old");
}

TEST(WrittenFile, DoesNotGoThroughASecondNameOfAnotherAccountsFile) {
  if (geteuid() != 0) return;
  const runner::TestFolder folder;
  const std::string target = folder.write("target", "old"), link = folder.file("link");
  ASSERT_EQ(chown(target.c_str(), nobody, nobody), 0);
  fs::create_hard_link(target, link);
  EXPECT_THROW(write_file(link, "new"), runner::Error);
  EXPECT_EQ(core::read_file(target), "old");
}

TEST(PathInRepository, StartsAtTheFolderThatHoldsGit) {
  const runner::TestFolder folder;
  folder.write("app/.git/HEAD", "ref: refs/heads/main");
  const std::string file = folder.write("app/db/migrations/1_a.up.sql", "");
  EXPECT_EQ(path_in_repository(file), "db/migrations/1_a.up.sql");
}

TEST(PathInRepository, IsTheFileItselfOutsideOfEveryRepository) {
  const runner::TestFolder folder;
  const std::string file = folder.write("1_a.up.sql", "");
  EXPECT_EQ(path_in_repository(file), file);
}

}  // namespace
}  // namespace gauntlet::cli
