// Clients in other languages, as Debian has them: what each of their ways of talking to the server
// gives through the proxy is what it gives without.
#include "harness/proxy/fixture_test.h"

namespace gauntlet::proxy {
namespace {

using testing::Contains;
using testing::HasSubstr;

struct Script {
  const char* program;
  const char* file;
  const char* step;  ///< the text of a step that must have been seen
};

class Speaking : public testing::TestWithParam<Script> {};

process::Finished run(const Script& script, const arena::Address& address) {
  const std::string file = std::string(GAUNTLET_SOURCE_DIR "/harness/proxy/clients/") + script.file;
  const auto dsn = "host=" + address.host() + ";port=" + address.port() +
                   ";dbname=" + address.database() + ";sslmode=disable";
  return process::run({.argv = {script.program, file},
                       .environment = {{"URL", address.conninfo()},
                                       {"HOST", address.host()},
                                       {"PORT", address.port()},
                                       {"DATABASE", address.database()},
                                       {"DSN", dsn},
                                       {"USERNAME", address.user()},
                                       {"PASSWORD", address.password()}}},
                      bound);
}

TEST_P(Speaking, GetsWhatItGetsWithoutTheProxy) {
  OpenProxy open;
  const Running running(open.gate);
  const auto direct = run(GetParam(), server().loopback());
  const auto through = run(GetParam(), running.address());
  EXPECT_EQ(through.out, direct.out);
  EXPECT_EQ(through.exit.code, direct.exit.code) << through.err;
  EXPECT_THAT(through.out, HasSubstr("22012")) << through.err;
  EXPECT_THAT(running.sql(), Contains(HasSubstr(GetParam().step)));
  EXPECT_TRUE(eventually([&] { return running.proxy().sessions() == 0; }));
  EXPECT_THAT(running.notes(), testing::Not(Contains(HasSubstr("does not speak"))));
  for (const auto& record : running.history().steps) EXPECT_TRUE(record.reply) << record.step.sql;
}

constexpr const char* python = "/usr/bin/python3";
INSTANTIATE_TEST_SUITE_P(
    Every, Speaking,
    testing::Values(Script{python, "with_psycopg2.py", "COPY parcels FROM STDIN"},
                    Script{python, "with_psycopg.py", "INSERT INTO parcels VALUES ($1, $2)"},
                    Script{python, "with_asyncpg.py", "SELECT * FROM parcels WHERE id > $1"},
                    Script{"perl", "with_dbd_pg.pl", "INSERT INTO parcels VALUES ($1, $2)"}),
    [](const auto& about) {
      const std::string file = about.param.file;
      return file.substr(5, file.find('.') - 5);
    });

}  // namespace
}  // namespace gauntlet::proxy
