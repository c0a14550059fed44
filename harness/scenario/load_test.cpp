#include "harness/scenario/load.h"

#include "runner/folder_test.h"
#include "runner/values/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::scenario {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string_view> oracles = {"all-succeed", "data-equals-serial"};

class Load : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, std::string_view text) const {
    return folder_.write(name, text);
  }

  /// What is wrong with a file of this text: place and message; `nothing` if it is read.
  std::string refusal(std::string_view text) const {
    Loaded loaded;
    try {
      load(write("mine.toml", text), oracles, loaded);
    } catch (const runner::Error& error) {
      return error.where().substr(folder_.path().string().size() + 1) + " " + error.message();
    }
    return "nothing";
  }

  const runner::TestFolder folder_;
};

constexpr std::string_view head = "id = 'mine/pending'\nclaim = 'it holds'\nwhy = 'or it hurts'\n";

constexpr std::string_view two_stages = R"toml(
patience = 5000
[[stage]]
name = "first"
migrations = "db"
replicas = 3
arrival = "staggered"
oracles = ["all-succeed"]
[[stage]]
name = "second"
files = { "002_b.up.sql" = "SELECT 1" }
prepare = "CREATE TABLE old(x int)"
connections = 2
table = "fresh.tracker"
foreign_lock = 200
oracles = ["all-succeed", "data-equals-serial"]
)toml";

TEST_F(Load, ReadsAScenarioWithItsFolderAndFilesOfItsOwn) {
  write("db/001_a.up.sql", "CREATE TABLE a(x int);\n");
  const auto file = write("mine.toml", std::string(head) + std::string(two_stages));
  Loaded loaded;
  load(file, oracles, loaded);
  const Scenario& scenario = loaded.scenario;
  EXPECT_EQ(scenario.id, "mine/pending");
  EXPECT_EQ(scenario.claim, "it holds");
  EXPECT_EQ(scenario.why, "or it hurts");
  EXPECT_EQ(scenario.patience, std::chrono::seconds(5));
  ASSERT_EQ(scenario.stages.size(), 2U);
  const Stage& first = scenario.stages[0];
  EXPECT_EQ(first.name, "first");
  ASSERT_EQ(first.files.size(), 1U);
  EXPECT_EQ(first.files[0].name, "001_a.up.sql");
  EXPECT_EQ(first.files[0].sql, "CREATE TABLE a(x int);\n");
  EXPECT_EQ(first.replicas, 3U);
  EXPECT_EQ(first.arrival, Arrival::staggered);
  const Stage& second = scenario.stages[1];
  EXPECT_EQ(second.files.at(0).name, "002_b.up.sql");
  EXPECT_EQ(second.prepare, "CREATE TABLE old(x int)");
  EXPECT_EQ(second.connections, 2U);
  EXPECT_EQ(second.table, "fresh.tracker");
  EXPECT_EQ(second.foreign_lock->window, std::chrono::milliseconds(200));
  EXPECT_THAT(second.oracles, ElementsAre("all-succeed", "data-equals-serial"));
}

constexpr std::string_view every_key = R"toml(
engine = "sqlite"
subject = "must-lock"
about = "one-replica"
sweep = ["lose-after", "die-before"]
[[stage]]
name = "one after another"
removed = ["001_a.up.sql"]
bytes = "SQLite format 3"
as = "processes"
way = "pooler"
lock = "transaction"
key = "derived"
action = "down"
amount = 2
direction = "DOWN"
foreign_lock = 300
foreign_lock_until = "all-ended"
lock_wait = 400
success_codes = [0, 3]
expected_error = ""
expected_warning = "careful"
interrupted_at = "LISTEN"
bystander = { sql = "LOCK TABLE t", window = 70 }
first_is = { what = "paused", at = "pg_sleep", at_most = 80, before = "SELECT 1", after = "SELECT 2" }
oracles = ["all-succeed"]
  [[stage.beside]]
  replicas = 3
  action = "status"
  knows_up_to = 7
  table = "other"
  [[stage.hooks]]
  version = 4
  sql = "SELECT 4"
  [[stage.holds]]
  sql_has = "INSERT"
  until = "another-ended"
  at_most = 90
  [[stage.faults]]
  what = "refuse"
  replica = 1
  sql_has = "SELECT"
  skip = 2
  text = "no"
  sqlstate = "42501"
)toml";

TEST_F(Load, ReadsWhateverAScenarioCanSay) {
  Loaded loaded;
  load(write("mine.toml", std::string(head) + std::string(every_key)), oracles, loaded);
  const Scenario& scenario = loaded.scenario;
  EXPECT_EQ(scenario.engine, runner::Engine::sqlite);
  EXPECT_EQ(scenario.subject, Subject::must_lock);
  EXPECT_EQ(scenario.about, About::one_replica);
  using What = core::Ruling::What;
  EXPECT_THAT(scenario.sweep, ElementsAre(What::lose_after, What::die_before));
  const Stage& stage = scenario.stages.at(0);
  EXPECT_THAT(stage.removed, ElementsAre("001_a.up.sql"));
  EXPECT_EQ(stage.bytes, "SQLite format 3");
  EXPECT_EQ(stage.as, As::processes);
  EXPECT_EQ(stage.way, Way::pooler);
  EXPECT_EQ(stage.lock, runner::LockMode::transaction);
  EXPECT_EQ(stage.key, Stage::Key::derived);
  EXPECT_EQ(stage.call.action, Action::down);
  EXPECT_EQ(stage.call.amount, 2);
  EXPECT_EQ(stage.direction, "DOWN");
  EXPECT_EQ(stage.foreign_lock->until, ForeignLock::Until::all_ended);
  EXPECT_EQ(stage.lock_wait, std::chrono::milliseconds(400));
  EXPECT_THAT(stage.success_codes, ElementsAre(0, 3));
  EXPECT_EQ(stage.expected_error, "");
  EXPECT_EQ(stage.expected_warning, "careful");
  EXPECT_EQ(stage.interrupted_at, "LISTEN");
  EXPECT_EQ(stage.bystander->sql, "LOCK TABLE t");
  EXPECT_EQ(stage.bystander->window, std::chrono::milliseconds(70));
  EXPECT_EQ(stage.first_is->what, SeenHarm::What::paused);
  EXPECT_EQ(stage.first_is->at, "pg_sleep");
  EXPECT_EQ(stage.first_is->at_most, std::chrono::milliseconds(80));
  EXPECT_EQ(stage.first_is->after, "SELECT 2");
  const Beside& beside = stage.beside.at(0);
  EXPECT_EQ(beside.replicas, 3U);
  EXPECT_EQ(beside.call.action, Action::status);
  EXPECT_EQ(beside.call.knows_up_to, 7);
  EXPECT_EQ(beside.call.table, "other");
  EXPECT_EQ(stage.hooks.at(0).version, 4);
  EXPECT_EQ(stage.hooks.at(0).sql, "SELECT 4");
  EXPECT_EQ(stage.holds.at(0).until, Hold::Until::another_ended);
  EXPECT_EQ(stage.holds.at(0).at_most, std::chrono::milliseconds(90));
  const fault::Fault& fault = stage.faults.at(0);
  EXPECT_EQ(fault.ruling.what, What::refuse);
  EXPECT_EQ(fault.replica, 1U);
  EXPECT_EQ(fault.sql_has, "SELECT");
  EXPECT_EQ(fault.skip, 2U);
  EXPECT_EQ(fault.ruling.text, "no");
  EXPECT_EQ(fault.ruling.sqlstate, "42501");
}

TEST_F(Load, SaysWhereASlipOfThePenIs) {
  const std::string begin(head);
  const std::vector<std::pair<std::string, testing::Matcher<std::string>>> slips = {
      {"id = 'x", testing::StartsWith("mine.toml:1 ")},
      {"id = 'mine/x'\n", HasSubstr("mine.toml:1 `claim` is missing")},
      {begin, HasSubstr("there is no `[[stage]]`")},
      {begin + "[[stage]]\nname = 'a'\n", HasSubstr("mine.toml:4 `oracles` names what judges")},
      {begin + "[[stage]]\nname = 'a'\noracles = ['all-suceed']\n",
       AllOf(HasSubstr("mine.toml:6 there is no oracle `all-suceed`"), HasSubstr("all-succeed"))},
      {begin + "[[stage]]\nname = 'a'\nreplica = 3\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 `replica` is not known here; there are name, migrations")},
      {begin + "[[stage]]\nname = 'a'\nreplicas = 0\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 `replicas` is a number from 1")},
      {begin + "[[stage]]\nname = 'a'\nreplicas = '3'\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 `replicas` is a number")},
      {begin + "[[stage]]\nname = 'a'\narrival = 'late'\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 `late` is no arrival")},
      {begin + "[[stage]]\nname = 'a'\nmigrations = 'none'\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 ")},
      {begin + "[[stage]]\nname = 'a'\nlock = 'notfy'\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 \"notfy\" is not a way to take turns; say notify, transaction")},
      {begin + "[[stage]]\nname = 'a'\nsuccess_codes = 3\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 `success_codes` is a list of numbers")},
      {begin + "[[stage]]\nname = 'a'\nfaults = [{ sql_has = 'x' }]\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 `what` is missing")},
      {begin + "[[stage]]\nname = 'a'\nfirst_is = { at = 'x' }\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 `first_is` harms a process")},
      {begin +
           "[[stage]]\nname = 'a'\nforeign_lock_until = 'all-asked'\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:4 `foreign_lock_until` says when")},
      {begin + "sweep = ['explode']\n[[stage]]\nname = 'a'\noracles = ['all-succeed']\n",
       HasSubstr(
           "mine.toml:4 `explode` is no sweep; there are rewrite, answer, refuse, lose-before")},
      {begin + "[[stage]]\nname = 'a'\nexpected_error = 5\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 `expected_error` is a text")},
      {begin +
           "[[stage]]\nname = 'a'\nfaults = [{ what = 'rewrite' }]\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 `text` is missing")},
      {begin + "[[stage]]\nname = 'a'\nfaults = [{ what = 'refuse', text = 'no' }]\noracles = "
               "['all-succeed']\n",
       HasSubstr("mine.toml:6 `sqlstate` is missing")},
      {begin + "patience = 0\n[[stage]]\nname = 'a'\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:4 `patience` is a number of milliseconds")}};
  for (const auto& [text, told] : slips) {
    SCOPED_TRACE(text);
    EXPECT_THAT(refusal(text), told);
  }
}

TEST_F(Load, ToldAFileThatIsNotThereSaysSo) {
  Loaded loaded;
  EXPECT_THAT([&] { load(folder_.file("none.toml"), oracles, loaded); },
              testing::ThrowsMessage<runner::Error>(HasSubstr("unreadable-file")));
}

}  // namespace
}  // namespace gauntlet::scenario
