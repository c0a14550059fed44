#include "harness/verify/base_schema.h"

#include "runner/folder_test.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using testing::EndsWith;

struct Repository {
  runner::TestFolder folder = {};
  Repository() { std::filesystem::create_directories(folder.path() / ".git"); }
  Repository& add(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder.path() / name).parent_path());
    folder.write(name, text);
    return *this;
  }
  std::string base_of(const std::string& object) const {
    return base_file_near(folder.path() / "db/migrations", object, {"a", "orders"}).file;
  }
};

TEST(BaseSchema, IsTheFileOutsideTheFolderThatCreatesTheObject) {
  Repository repository;
  repository.add("db/migrations/001_a.sql", "CREATE TABLE app.a (id int);")
      .add("docker/initdb.d/0001.sql", "CREATE SCHEMA IF NOT EXISTS app;")
      .add("docs/query.sql", "SELECT * FROM app.a;");
  EXPECT_THAT(repository.base_of("app"), EndsWith("docker/initdb.d/0001.sql"));
  EXPECT_EQ(repository.base_of("a"), "") << "a file of the folder itself is no base";
  EXPECT_EQ(repository.base_of("query"), "");
}

TEST(BaseSchema, PrefersADumpToANearerFile) {
  Repository repository;
  repository.add("db/migrations/001_a.sql", "SELECT 1;")
      .add("db/seed.sql", "CREATE TABLE users (id int);")
      .add("sql/structure.sql", "-- dumped\n\\restrict x\nCREATE TABLE public.users (id int);\n");
  EXPECT_THAT(repository.base_of("users"), EndsWith("sql/structure.sql"));
}

TEST(BaseSchema, IsADumpOfTheResultOnlyIfThereIsNoOther) {
  Repository repository;
  repository.add("db/migrations/001_a.sql", "SELECT 1;")
      .add("db/schema.sql", "CREATE SCHEMA app; CREATE TABLE app.orders (id int);");
  const auto near = [&] {
    return base_file_near(repository.folder.path() / "db/migrations", "app", {"orders"});
  };
  EXPECT_THAT(near().file, EndsWith("db/schema.sql"));
  EXPECT_TRUE(near().is_a_result);
  repository.add("docker/image/one.sql", "CREATE SCHEMA app;");
  EXPECT_THAT(near().file, EndsWith("image/one.sql"));
  EXPECT_FALSE(near().is_a_result);
}

TEST(BaseSchema, IsNoFileThatOnlyNamesTheObject) {
  Repository repository;
  repository.add("db/migrations/001_a.sql", "SELECT 1;")
      .add("schema.sql",
           "-- CREATE TABLE users\nCREATE INDEX i ON users (id);\n"
           "CREATE TABLE t (users int);\nSELECT 'CREATE TABLE users';\n")
      .add("node_modules/x/schema.sql", "CREATE TABLE users (id int);");
  EXPECT_EQ(repository.base_of("users"), "");
}

TEST(BaseSchema, OutsideARepositoryIsLookedForBesideTheFolderAlone) {
  runner::TestFolder folder;
  std::filesystem::create_directories(folder.path() / "app/db/migrations");
  folder.write("schema.sql", "CREATE TABLE users (id int);");
  folder.write("app/db/init.sql", "CREATE TABLE teams (id int);");
  const auto migrations = folder.path() / "app/db/migrations";
  EXPECT_EQ(base_file_near(migrations, "users", {}).file, "");
  EXPECT_THAT(base_file_near(migrations, "teams", {}).file, EndsWith("app/db/init.sql"));
}

}  // namespace
}  // namespace gauntlet::verify
