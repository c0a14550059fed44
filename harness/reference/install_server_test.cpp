// The library as others get it: installed, found by find_package, in a project of ten lines.
#include "harness/process/process.h"
#include "harness/reference/server_fixture_test.h"

#include <algorithm>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Installed : public OnServer {
 protected:
  /// What it printed; fails unless it ended well.
  static std::string done(const std::vector<std::string>& argv,
                          const std::filesystem::path& directory = "/") {
    const auto finished = process::run(
        {.argv = argv, .environment = {{"CMAKE_GENERATOR", "Ninja"}}, .directory = directory},
        std::chrono::minutes(2));
    EXPECT_TRUE(finished.exit.ok()) << argv.front() << ": " << finished.exit.text() << "\n"
                                    << finished.out << finished.err;
    return finished.out;
  }

  void install() const {
    done({GAUNTLET_CMAKE, "--install", GAUNTLET_BINARY_DIR, "--component", "library", "--prefix",
          prefix_});
  }
  std::vector<std::string> installed_headers() const {
    const std::filesystem::path top = prefix_ + "/include/gauntlet/runner";
    std::vector<std::string> headers;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
      if (entry.is_regular_file()) headers.push_back(entry.path().lexically_relative(top).string());
    }
    std::ranges::sort(headers);
    return headers;
  }

  const std::string prefix_ = folder_ / "prefix";
};

// A prefix, a project and a program that all stand outside of the tree; the program runs when the
// folder of its migrations is gone.
TEST_F(Installed, LibraryBuildsAProgramThatCarriesItsMigrations) {
  install();
  const std::string prefix = prefix_, project = folder_ / "project", tree = folder_ / "tree";
  std::filesystem::copy(GAUNTLET_SOURCE_DIR "/runner/fixtures/consumer", project,
                        std::filesystem::copy_options::recursive);
  done({GAUNTLET_CMAKE, "-S", project, "-B", tree, "-DCMAKE_PREFIX_PATH=" + prefix,
        std::string("-DCMAKE_CXX_COMPILER=") + GAUNTLET_CXX, "-DCMAKE_BUILD_TYPE=Debug"});
  done({GAUNTLET_CMAKE, "--build", tree});
  std::filesystem::remove_all(project);
  EXPECT_EQ(done({tree + "/consumer", conninfo()}), "2 applied, compatible: 2 applied\n");
  EXPECT_EQ(done({tree + "/consumer", conninfo()}), "0 applied, compatible: 2 applied\n");
  EXPECT_EQ(value("SELECT name FROM people"), "Ada");
}

/// A program that migrates one engine, built where the packages of the other are not to be had.
class OneEngine : public Installed {
 protected:
  void build(const std::string& engine, const std::vector<std::string>& options = {}) {
    install();
    std::vector<std::string> configure{GAUNTLET_CMAKE,
                                       "-S",
                                       GAUNTLET_SOURCE_DIR "/runner/fixtures/one_engine",
                                       "-B",
                                       tree_,
                                       "-DENGINE=" + engine,
                                       "-DCMAKE_PREFIX_PATH=" + prefix_,
                                       std::string("-DCMAKE_CXX_COMPILER=") + GAUNTLET_CXX,
                                       "-DCMAKE_BUILD_TYPE=Debug"};
    configure.insert(configure.end(), options.begin(), options.end());
    done(configure);
    done({GAUNTLET_CMAKE, "--build", tree_});
  }
  std::string run_on(const std::string& database) const {
    return done({program_, database, GAUNTLET_SOURCE_DIR "/runner/fixtures/consumer/migrations"});
  }
  std::string libraries() const { return done({"ldd", program_}); }
  std::string symbols() const { return done({"nm", "-C", program_}); }
  std::string headers() const { return done({"ninja", "-C", tree_, "-t", "deps"}); }

  const std::string tree_ = folder_ / "tree", program_ = tree_ + "/one_engine";
};

TEST_F(OneEngine, OfPostgresCarriesNothingOfSqlite) {
  build("postgres");
  EXPECT_EQ(run_on(conninfo()), "2 applied, compatible: 2 applied\n");
  EXPECT_THAT(libraries(), HasSubstr("libpq.so"));
  EXPECT_THAT(libraries(), Not(HasSubstr("sqlite")));
  EXPECT_THAT(symbols(),
              AllOf(HasSubstr("pg_query"), Not(HasSubstr("sqlite3_")), Not(HasSubstr("SQLite::"))));
  EXPECT_THAT(headers(), AllOf(HasSubstr("runner/postgres.h"), Not(HasSubstr("runner/sqlite.h")),
                               Not(ContainsRegex("SQLiteCpp|sqlite3.h|libpq-fe|fmt/|nlohmann"))));
}

TEST_F(OneEngine, OfSqliteCarriesNothingOfPostgres) {
  build("sqlite",
        {"-DPKG_CONFIG_EXECUTABLE=/bin/false", "-DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=TRUE"});
  EXPECT_EQ(run_on("sqlite:" + (folder_ / "app.db").string()),
            "2 applied, compatible: 2 applied\n");
  EXPECT_THAT(libraries(), Not(ContainsRegex("libpq|fmt|ssl")));
  EXPECT_THAT(symbols(),
              AllOf(HasSubstr("sqlite3_"), Not(ContainsRegex("pg_query|nlohmann|PQexec|PQsend"))));
  EXPECT_THAT(headers(), AllOf(HasSubstr("runner/sqlite.h"), Not(HasSubstr("runner/postgres.h")),
                               Not(ContainsRegex("libpq-fe|pg_query|nlohmann|fmt/"))));
}

TEST_F(Installed, HeadersAreThoseThatAnApplicationIncludes) {
  install();
  EXPECT_THAT(
      installed_headers(),
      ElementsAre("add_column.h", "apply.h", "connect.h", "inspect.h", "postgres.h", "read_only.h",
                  "repair.h", "source/embedded.h", "source/source.h", "sql/outside_statement.h",
                  "sql/statement.h", "sqlite.h", "values/delivery.h", "values/direction.h",
                  "values/engine.h", "values/error.h", "values/lock_mode.h", "values/message.h",
                  "values/migration.h", "values/plan.h", "values/run.h", "values/session.h",
                  "values/sql_dialect.h"));
}

}  // namespace
}  // namespace gauntlet::runner
