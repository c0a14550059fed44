#include "harness/fleet/subject_file.h"

#include "harness/formats/folder.h"
#include "runner/values/error.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::fleet {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class SubjectFiles : public testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& text) const {
    fs::path file = folder_.path() / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  std::string read(const fs::path& name) const {
    std::ifstream stream(folder_.path() / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  /// What reading a file of this text says.
  std::string complaint(const std::string& text) const {
    try {
      read_subject_file(write("bad.toml", text));
    } catch (const runner::Error& error) {
      return error.what();
    }
    return "nothing";
  }

  WorkFolder folder_;
};

TEST_F(SubjectFiles, TellAllThatARunIsMadeOf) {
  const auto file = read_subject_file(write("dbmate.toml", R"(
name = "dbmate"
format = "dbmate"
up = "dbmate --url '{url}' -d {migrations} up"
down = "dbmate rollback"
applied_query = "SELECT version FROM schema_migrations"
success_codes = [0, 3]
env = {DBMATE_NO_DUMP_SCHEMA = "true"}
timeout = 5
)"));
  EXPECT_EQ(file.subject.name, "dbmate");
  EXPECT_THAT(file.subject.command,
              ElementsAre("dbmate", "--url", "{url}", "-d", "{migrations}", "up"));
  EXPECT_THAT(file.down, ElementsAre("dbmate", "rollback"));
  EXPECT_THAT(file.subject.success_codes, ElementsAre(0, 3));
  EXPECT_EQ(file.subject.environment.at("DBMATE_NO_DUMP_SCHEMA"), "true");
  EXPECT_EQ(file.subject.directory, folder_.path() / "");
  EXPECT_EQ(file.applied_query, "SELECT version FROM schema_migrations");
  EXPECT_EQ(file.timeout, std::chrono::seconds(5));
}

TEST_F(SubjectFiles, GiveTheirCommandsToAShellOnlyWhenTheySaySo) {
  const auto file = read_subject_file(write(
      "shell.toml",
      "name = 'sh'\nformat = 'plain'\nshell = true\nup = 'for f in {migrations}/*; do x; done'\n"));
  EXPECT_THAT(file.subject.command,
              ElementsAre("/bin/sh", "-c", "for f in {migrations}/*; do x; done"));
}

TEST_F(SubjectFiles, SayWhichLineIsWrongAndWhatThereIs) {
  EXPECT_THAT(complaint("name = 'x'\nup = 'x'\nformat = 'liquibase'\n"),
              testing::AllOf(HasSubstr("bad.toml:3"), HasSubstr("sqitch")));
  EXPECT_THAT(complaint("name = 'x'\nformat = 'plain'\n"), HasSubstr("`up`: it is missing"));
  EXPECT_THAT(complaint("name = 'x'\nup = 'x'\n"), HasSubstr("one of `format` and `prepare`"));
  EXPECT_THAT(complaint("name = 'x'\nup = 'x'\nformat = 'plain'\nuup = 'x'\n"),
              testing::AllOf(HasSubstr("bad.toml:4"), HasSubstr("`uup`: there is no such key")));
  EXPECT_THAT(complaint("name = 'x'\nup = 'x {here}'\nformat = 'plain'\n"),
              HasSubstr("{here} stands for nothing here"));
  EXPECT_THAT(complaint("name = 'x'\nup = 'x'\nformat = 'plain'\nsuccess_codes = [256]\n"),
              HasSubstr("`success_codes`"));
  EXPECT_THAT(complaint("name = \n"), HasSubstr("bad.toml:"));
  EXPECT_THROW(read_subject_file(folder_.path() / "none.toml"), runner::Error);
}

TEST_F(SubjectFiles, OfTheCommonToolsCanBeRead) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(GAUNTLET_SOURCE_DIR "/scenarios/subjects")) {
    const auto file = read_subject_file(entry.path());
    EXPECT_NE(formats::find_format(file.format), nullptr) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 5U);
}

TEST_F(SubjectFiles, NameWhatTheToolPromisesAndThePageWhereItSaysSo) {
  const std::string start = "name = 't'\nup = 'true'\nformat = 'plain'\n";
  const auto file = read_subject_file(
      write("promises.toml", start + "promises_page = 'https://a'\n"
                                     "promises = ['atomic', {promise = 'locks', page = 'b'}]\n"));
  ASSERT_EQ(file.promises.size(), 2U);
  EXPECT_EQ(file.promises[0].page, "https://a");
  EXPECT_EQ(file.promises[1].id, "locks");
  EXPECT_EQ(file.promises[1].page, "b");
  EXPECT_THAT(complaint(start + "promises = ['atomic']\n"), HasSubstr("needs the page"));
  EXPECT_THAT(complaint(start + "promises = 'atomic'\n"), HasSubstr("a list of texts"));
  EXPECT_THAT(complaint(start + "promises = [7]\n"), HasSubstr("each must be a text"));
}

class Projects : public SubjectFiles {
 protected:
  Projects() {
    write("neutral/1_parcels.up.sql", "CREATE TABLE parcels(id int)");
    write("neutral/1_parcels.down.sql", "DROP TABLE parcels");
    write("neutral/2_index.up.sql",
          "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY i ON parcels(id)");
  }
  void project(const std::string& format) const {
    formats::write_project(*formats::find_format(format), folder_.path() / "neutral",
                           folder_.path() / "out");
  }
};

TEST_F(Projects, OfDbmateHaveItsMarkers) {
  project("dbmate");
  EXPECT_EQ(read("out/001_parcels.sql"),
            "-- migrate:up\nCREATE TABLE parcels(id int)\n\n"
            "-- migrate:down\nDROP TABLE parcels\n");
  EXPECT_THAT(read("out/002_index.sql"), HasSubstr("-- migrate:up transaction:false\n"));
}

TEST_F(Projects, OfGooseSayWhereAStatementEnds) {
  project("goose");
  EXPECT_THAT(read("out/001_parcels.sql"),
              HasSubstr("-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE parcels(id int);\n"
                        "-- +goose StatementEnd\n"));
  EXPECT_THAT(read("out/002_index.sql"), testing::StartsWith("-- +goose NO TRANSACTION\n"));
}

TEST_F(Projects, OfNodePgMigrateSayInJavaScriptWhatTheirSqlCannot) {
  project("node-pg-migrate");
  EXPECT_EQ(read("out/001_parcels.sql"),
            "-- Up Migration\nCREATE TABLE parcels(id int)\n\n"
            "-- Down Migration\nDROP TABLE parcels\n");
  EXPECT_THAT(read("out/002_index.js"),
              testing::AllOf(HasSubstr("pgm.noTransaction();"),
                             HasSubstr("pgm.sql(\"CREATE INDEX CONCURRENTLY i ON parcels(id)\")")));
}

TEST_F(Projects, OfSqitchHaveAPlanAndTransactionsOfTheirOwn) {
  project("sqitch");
  EXPECT_THAT(read("out/sqitch.plan"), HasSubstr("\n001_parcels 2001-01-01T00:00:00Z"));
  EXPECT_THAT(read("out/deploy/001_parcels.sql"),
              testing::AllOf(testing::StartsWith("BEGIN;\n"), testing::EndsWith("COMMIT;\n")));
  EXPECT_THAT(read("out/deploy/002_index.sql"), testing::Not(HasSubstr("BEGIN")));
}

TEST_F(Projects, OfPlainFilesAreTheUpFilesAlone) {
  project("plain");
  EXPECT_EQ(read("out/001_parcels.sql"), "CREATE TABLE parcels(id int)");
  EXPECT_EQ(read("out/001_parcels.down.sql"), "");
}

TEST_F(Projects, AreMadeByACommandThatTheFileNames) {
  const auto file =
      read_subject_file(write("own.toml",
                              "name = 'own'\nup = 'true'\nshell = true\n"
                              "prepare = 'cp {migrations}/1_parcels.up.sql {work}/one.sql'\n"));
  fs::create_directories(folder_.path() / "out");
  const arena::Address address({{"host", "127.0.0.1"}, {"dbname", "x"}});
  make_project(file, address, folder_.path() / "neutral", folder_.path() / "out");
  EXPECT_EQ(read("out/one.sql"), "CREATE TABLE parcels(id int)");
  const auto failing = read_subject_file(write(
      "fails.toml", "name = 'own'\nup = 'true'\nshell = true\nprepare = 'echo no >&2; exit 3'\n"));
  try {
    make_project(failing, address, folder_.path() / "neutral", folder_.path() / "out");
    FAIL() << "its command failed";
  } catch (const runner::Error& error) {
    EXPECT_EQ(error.code(), "prepare-failed");
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("exit 3"), HasSubstr("no")));
  }
}

// Who fills {work} with one command looks for it there with the next.
TEST_F(Projects, ThatACommandMadeAreFoundAsMigrationsAndWhereOnlyWorkIsNamedAsWork) {
  const arena::Address address({{"host", "127.0.0.1"}, {"dbname", "x"}});
  const auto up_of = [&](const std::string& keys) {
    const auto file = read_subject_file(write("own.toml", "name = 'own'\n" + keys));
    return command_of(file.subject, address, placeholder_values(address, "/project", "/copy"));
  };
  const std::string prepare = "prepare = 'fill {migrations} {work}'\n";
  EXPECT_EQ(up_of(prepare + "up = 'run {migrations}'\n").argv.back(), "/project");
  EXPECT_EQ(up_of(prepare + "up = 'run --dir={work}/sql'\n").argv.back(), "--dir=/project/sql");
  EXPECT_EQ(up_of(prepare + "up = 'run {migrations} {work}'\n").argv.back(), "/copy");
  EXPECT_EQ(up_of("format = 'plain'\nup = 'run {work}'\n").argv.back(), "/copy");
  const std::string in_variable = "up = 'run'\nenv = {SQL_DIR = '{work}'}\n";
  EXPECT_EQ(up_of(prepare + in_variable).environment.at("SQL_DIR"), "/project");
}

}  // namespace
}  // namespace gauntlet::fleet
