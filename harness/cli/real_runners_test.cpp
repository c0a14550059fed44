// Runners of other people: what each does through the proxy is what it does without, and what is
// told of it is so. Those that Debian has always run; those from npm where .ci/npm-runners has
// installed them, and says so in GAUNTLET_NPM_RUNNERS.
#include "harness/arena/arena.h"
#include "harness/cli/program.h"
#include "harness/fleet/subject_file.h"
#include "harness/fleet/wire_fleet.h"
#include "harness/observe/observe.h"
#include "harness/trace/trace.h"

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

using testing::HasSubstr;

struct Real {
  const char* name;
  const char* subject_file;
  const char* locks;
  const char* looks;
};

class RealRunner : public testing::TestWithParam<Real> {
 protected:
  static arena::Arena& arena() {
    static const auto server = arena::Server::start({});
    static const auto opened = arena::open(server->loopback().url(), {});
    return *opened;
  }
};

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

/// Without what differs from run to run: the database's name, numbers, and a duration's unit.
std::string lasting(std::string text, const arena::Database& database) {
  replace_all(text, database.address().database(), "the database");
  std::erase_if(text, [](unsigned char character) {
    return std::isdigit(character) != 0 || character == '.';
  });
  for (const char* unit : {" µs\n", " ms\n"}) replace_all(text, unit, " s\n");
  return text;
}

TEST_P(RealRunner, DoesOnTheWireWhatItDoesWithoutAndIsToldAsItIs) {
  const auto subject =
      fleet::read_subject_file(std::string(GAUNTLET_SOURCE_DIR "/") + GetParam().subject_file);
  const auto direct = arena().fresh("direct"), wire = arena().fresh("wire");
  const TestFolder neutral;
  neutral.write("1_parcels.up.sql", "CREATE TABLE parcels(id int PRIMARY KEY, name text);\n");
  neutral.write("2_weights.up.sql", "ALTER TABLE parcels ADD COLUMN weight int DEFAULT 1;\n");
  neutral.write("3_first.up.sql", "INSERT INTO parcels VALUES (1, 'it''s');\n");
  const fleet::WorkFolder project;
  fleet::make_project(subject, direct->loopback(), neutral.path(), project.path());

  std::vector<core::History> seen;
  for (const char* run : {"with migrations pending", "with nothing to do"}) {
    SCOPED_TRACE(run);
    const auto here = fleet::run_once(subject.subject, *direct, project.path(), subject.timeout);
    seen.push_back(
        fleet::run_on_the_wire(subject.subject, *wire, project.path(), 1, subject.timeout));
    const core::ReplicaOutput &said = here.outputs.at(0), &told = seen.back().outputs.at(0);
    EXPECT_EQ(here.exit_of(0)->exit_code, 0) << said.err;
    EXPECT_EQ(seen.back().exit_of(0)->exit_code, 0) << told.err;
    EXPECT_EQ(lasting(told.out, *wire), lasting(said.out, *direct));
    EXPECT_EQ(lasting(told.err, *wire), lasting(said.err, *direct));
  }
  const auto schema = observe::snapshot(direct->address()).catalogue;
  EXPECT_EQ(observe::snapshot(wire->address()).catalogue, schema);
  EXPECT_TRUE(schema->contains("table public.parcels"));

  const auto trace = trace::read(seen[0], seen[1],
                                 trace::with_neutral(trace::read_sources(project.path()),
                                                     trace::read_sources(neutral.path())));
  EXPECT_THAT(trace.answers.locks, HasSubstr(GetParam().locks));
  EXPECT_EQ(trace.answers.looks, GetParam().looks);
  EXPECT_EQ(trace.first.bodies, 3U);
  EXPECT_EQ(trace.second.bodies, 0U);
}

std::string name_of(const testing::TestParamInfo<Real>& about) { return about.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Every, RealRunner,
    testing::Values(Real{"Sqitch", "scenarios/subjects/sqitch.toml",
                         "session advisory lock 75474063 by pg_try_advisory_lock",
                         "it locks before it looks"},
                    Real{"yoyo", "harness/cli/runners/yoyo.toml", "lock row in yoyo_lock by INSERT",
                         "it locks before it looks"},
                    Real{"Alembic", "harness/cli/runners/alembic.toml", "no lock was seen",
                         "it looks, and never locks"},
                    Real{"Django", "harness/cli/runners/django.toml", "no lock was seen",
                         "it looks, and never locks"},
                    Real{"Rails", "harness/cli/runners/rails.toml", "session advisory lock",
                         "it locks before it looks"}),
    name_of);

std::vector<Real> from_npm() {
  if (std::getenv("GAUNTLET_NPM_RUNNERS") == nullptr) return {};
  return {
      {"dbmate", "scenarios/subjects/dbmate.toml", "no lock was seen", "it looks, and never locks"},
      {"NodePgMigrate", "scenarios/subjects/node-pg-migrate.toml",
       "session advisory lock 7241865325823964 by pg_try_advisory_lock",
       "it locks before it looks"},
      {"Knex", "harness/cli/runners/knex.toml", "lock row in knex_migrations_lock by UPDATE",
       "it locks before it looks"},
      {"TypeORM", "harness/cli/runners/typeorm.toml", "no lock was seen",
       "it looks, and never locks"},
      {"OnPostgresJs", "harness/cli/runners/postgres_js.toml",
       "session advisory lock 4711 by pg_advisory_lock", "it locks before it looks"}};
}

INSTANTIATE_TEST_SUITE_P(Npm, RealRunner, testing::ValuesIn(from_npm()), name_of);

}  // namespace
}  // namespace gauntlet::cli
