#include "runner/source/source.h"

#include "runner/folder_test.h"
#include "runner/values/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace gauntlet::runner {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Folder : public TestFolder {
 public:
  Folder& with(const std::string& file, std::string_view bytes = "SELECT 1;\n") {
    write(file, bytes);
    return *this;
  }

  fs::path operator/(const char* file) const { return path() / file; }
  Listing read() const { return read_folder(path()); }
};

std::vector<std::string> ids(const Listing& listing) {
  std::vector<std::string> result;
  for (const auto& problem : listing.problems) result.push_back(problem.id);
  return result;
}

std::vector<std::int64_t> versions(const Listing& listing) {
  std::vector<std::int64_t> result;
  for (const auto& migration : listing.migrations) result.push_back(migration.version.number);
  return result;
}

template <typename Call>
std::string code_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return "no error";
}

TEST(Source, OrdersByNumberNotByText) {
  Folder folder;
  folder.with("100_c.up.sql").with("9_a.up.sql").with("0010_b.up.sql");
  EXPECT_THAT(versions(folder.read()), ElementsAre(9, 10, 100));
}

TEST(Source, ReadsAMigrationWhole) {
  Folder folder;
  folder.with("004_Add.Index.up.sql", "SELECT 1").with("4_Add.Index.down.sql", "");
  const Listing listing = folder.read();
  const Migration& migration = listing.migrations.at(0);
  EXPECT_EQ(migration.name, "Add.Index");
  EXPECT_EQ(migration.up.file, folder / "004_Add.Index.up.sql");
  EXPECT_EQ(migration.up.bytes, "SELECT 1");
  EXPECT_EQ(migration.up.checksum, sha256("SELECT 1"));
  EXPECT_EQ(migration.down->bytes, "");
  EXPECT_THAT(ids(listing), IsEmpty());
}

TEST(Source, KeepsTheByteOrderMarkInTheChecksum) {
  Folder folder;
  folder.with("1_a.up.sql", "\xEF\xBB\xBFSELECT 1");
  const Script script = folder.read().migrations.at(0).up;
  EXPECT_EQ(script.checksum, sha256("\xEF\xBB\xBFSELECT 1"));
  EXPECT_EQ(script.sql(), "SELECT 1");
}

TEST(Source, TakesLegalOdditiesWithoutAWord) {
  Folder folder;
  folder.with("1_crlf.up.sql", "SELECT 1;\r\nSELECT 2").with("2_empty.up.sql", "");
  folder.with("3_comment.up.sql", "-- nothing").with("4_braces.up.sql", "SELECT '{{ }} ${ }'");
  EXPECT_THAT(ids(folder.read()), IsEmpty());
}

TEST(Source, PassesOverOrdinaryNeighbours) {
  Folder folder;
  folder.with("1_a.up.sql").with("README.md").with("seed.sql").with("old/2_b.up.sql");
  const Listing listing = folder.read();
  EXPECT_THAT(versions(listing), ElementsAre(1));
  EXPECT_THAT(ids(listing), IsEmpty());
}

TEST(Source, NamesEveryFileOfADuplicateVersion) {
  Folder folder;
  folder.with("1_a.up.sql").with("001_b.up.sql").with("01_c.up.sql");
  const Listing listing = folder.read();
  ASSERT_THAT(ids(listing), ElementsAre("duplicate-version"));
  EXPECT_THAT(listing.problems[0].files,
              ElementsAre(folder / "001_b.up.sql", folder / "01_c.up.sql", folder / "1_a.up.sql"));
  EXPECT_EQ(listing.problems[0].version, Version{1});
  EXPECT_THAT(listing.problems[0].message, HasSubstr("001_b.up.sql, 01_c.up.sql, 1_a.up.sql"));
}

TEST(Source, NamesBothDownsOfAVersion) {
  Folder folder;
  folder.with("1_a.up.sql").with("1_a.down.sql").with("01_a.down.sql");
  const Listing listing = folder.read();
  ASSERT_THAT(ids(listing), ElementsAre("duplicate-down"));
  EXPECT_EQ(listing.problems[0].files.size(), 2U);
}

TEST(Source, RefusesADownWithoutAnUp) {
  Folder folder;
  folder.with("1_a.up.sql").with("2_b.down.sql");
  EXPECT_THAT(ids(folder.read()), ElementsAre("down-without-up"));
}

TEST(Source, WarnsOfDifferingDescriptions) {
  Folder folder;
  folder.with("1_add.up.sql").with("1_remove.down.sql");
  const Listing listing = folder.read();
  ASSERT_THAT(ids(listing), ElementsAre("names-differ"));
  EXPECT_EQ(listing.problems[0].severity, Problem::Severity::warning);
  EXPECT_TRUE(listing.migrations.at(0).down);
}

TEST(Source, WarnsOfANearMiss) {
  Folder folder;
  folder.with("1_a.up.sql").with("2_b.sql");
  const Listing listing = folder.read();
  ASSERT_THAT(ids(listing), ElementsAre("unrecognized-file"));
  EXPECT_EQ(listing.problems[0].severity, Problem::Severity::warning);
  EXPECT_THAT(listing.problems[0].files, ElementsAre(folder / "2_b.sql"));
}

TEST(Source, TellsEveryErrorOfANameByItsId) {
  Folder folder;
  folder.with("2_.up.sql").with("99999999999999999999_big.up.sql").with("name.up.sql");
  EXPECT_THAT(ids(folder.read()),
              ElementsAre("empty-name", "version-too-large", "unparseable-name"));
}

TEST(Source, RefusesAFileNameThatIsNotUtf8) {
  Folder folder;
  folder.with("1_caf\xE9.up.sql");
  const Listing listing = folder.read();
  ASSERT_THAT(ids(listing), ElementsAre("unparseable-name"));
  EXPECT_THAT(listing.problems[0].message, HasSubstr("1_caf\\xe9.up.sql"));
}

TEST(Source, SaysWhereAFileIsNotUtf8) {
  Folder folder;
  folder.with("1_a.up.sql", "SELECT 1;\n-- caf\xE9\n");
  const Listing listing = folder.read();
  ASSERT_THAT(ids(listing), ElementsAre("not-utf8"));
  EXPECT_EQ(listing.problems[0].place, (Place{2, 7}));
}

TEST(Source, SaysWhereANulByteStands) {
  Folder folder;
  folder.with("1_a.up.sql", std::string_view("SELECT 1;\n\0SELECT 2;", 20));
  const Listing listing = folder.read();
  ASSERT_THAT(ids(listing), ElementsAre("nul-byte"));
  EXPECT_EQ(listing.problems[0].place, (Place{2, 1}));
}

TEST(Source, RecognisesUtf16) {
  Folder folder;
  folder.with("1_a.up.sql", std::string_view("\xFF\xFES\0E\0", 6));
  const Listing listing = folder.read();
  ASSERT_THAT(ids(listing), ElementsAre("not-utf8"));
  EXPECT_THAT(listing.problems[0].message, HasSubstr("UTF-16"));
}

TEST(Source, JudgesADownFileToo) {
  Folder folder;
  folder.with("1_a.up.sql").with("1_a.down.sql", "\xE9");
  const Listing listing = folder.read();
  ASSERT_THAT(ids(listing), ElementsAre("not-utf8"));
  EXPECT_THAT(listing.problems[0].files, ElementsAre(folder / "1_a.down.sql"));
}

TEST(Source, FollowsALinkToAFile) {
  Folder folder;
  folder.with("elsewhere/x.sql", "SELECT 7");
  fs::create_symlink(folder / "elsewhere/x.sql", folder / "1_a.up.sql");
  EXPECT_EQ(folder.read().migrations.at(0).up.bytes, "SELECT 7");
}

TEST(Source, RefusesALinkThatLeadsNowhere) {
  Folder folder;
  fs::create_symlink(folder / "gone", folder / "1_a.up.sql");
  EXPECT_EQ(code_of([&] { folder.read(); }), "unreadable-file");
}

TEST(Source, DoesNotWaitForAPipe) {
  Folder folder;
  ASSERT_EQ(::mkfifo((folder / "1_a.up.sql").c_str(), 0600), 0);
  EXPECT_EQ(code_of([&] { folder.read(); }), "unreadable-file");
}

TEST(Source, SaysThatThereIsNoSuchFolder) {
  Folder folder;
  EXPECT_EQ(code_of([&] { read_folder(folder / "none"); }), "no-such-folder");
  EXPECT_EQ(code_of([&] { read_folder(folder.with("file") / "file"); }), "no-such-folder");
}

TEST(Source, FindsNothingInAnEmptyFolder) {
  const Listing listing = Folder().read();
  EXPECT_THAT(listing.migrations, IsEmpty());
  EXPECT_THAT(ids(listing), IsEmpty());
}

TEST(Source, PointsAtSubFoldersWhereThereIsNothingElse) {
  Folder folder;
  folder.with("20260101_a/migration.sql").with("docs/a.md").with(".gitkeep");
  const Listing listing = folder.read();
  ASSERT_THAT(ids(listing), ElementsAre("unrecognized-file"));
  EXPECT_THAT(listing.problems[0].files, ElementsAre(folder / "20260101_a"));
}

TEST(Source, ReadsAnExplicitListByTheSameRules) {
  Folder folder;
  folder.with("a/2_b.up.sql").with("b/1_a.up.sql").with("b/3_c.sql");
  const Listing listing =
      read_files({folder / "a/2_b.up.sql", folder / "b/1_a.up.sql", folder / "b/3_c.sql"});
  EXPECT_THAT(versions(listing), ElementsAre(1, 2));
  EXPECT_THAT(ids(listing), ElementsAre("unrecognized-file"));
}

TEST(Source, ReadsAFileThatIsListedTwiceOnce) {
  Folder folder;
  folder.with("1_a.up.sql");
  EXPECT_THAT(ids(read_files({folder / "1_a.up.sql", folder / "1_a.up.sql"})), IsEmpty());
}

TEST(Source, SaysThatAListedFileIsMissing) {
  EXPECT_EQ(code_of([] { read_files({"/nowhere/1_a.up.sql"}); }), "unreadable-file");
}

TEST(Source, ListsScriptsThatAreInMemory) {
  const Listing listing =
      list_scripts({{"2_b.up.sql", "SELECT 2", {}}, {"1_a.up.sql", "\xE9", {}}});
  EXPECT_THAT(versions(listing), ElementsAre(1, 2));
  EXPECT_THAT(ids(listing), ElementsAre("not-utf8"));
  EXPECT_EQ(listing.migrations.at(1).up.checksum, sha256("SELECT 2"));
}

TEST(RefuseProblems, LetsWarningsPass) {
  Folder folder;
  folder.with("1_add.up.sql").with("1_remove.down.sql").with("2_x.sql");
  EXPECT_NO_THROW(refuse_problems(folder.read()));
}

TEST(RefuseProblems, ThrowsTheOnlyOneUnderItsOwnId) {
  Folder folder;
  folder.with("1_a.up.sql").with("1_b.up.sql").with("2_x.sql");
  EXPECT_EQ(code_of([&] { refuse_problems(folder.read()); }), "duplicate-version");
}

TEST(RefuseProblems, NamesThemAll) {
  Folder folder;
  folder.with("1_a.up.sql", "\n\xE9").with("2_.up.sql");
  try {
    refuse_problems(folder.read());
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("empty-name"));
    EXPECT_THAT(error.what(), HasSubstr("1_a.up.sql:2:1"));
  }
}

}  // namespace
}  // namespace gauntlet::runner
