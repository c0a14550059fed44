// psql, harmed once: it is given three statements and runs them once, and a rerun says what the
// table holds. For tests only; one thread.
#pragma once

#include "harness/arena/server.h"
#include "harness/crash/cell.h"
#include "runner/folder_test.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace gauntlet::crash {

inline const std::string harmed_statement = "INSERT INTO harmed VALUES (1)";

struct HarmDone {
  CellSeen seen = {};
  std::string rows = {};  ///< in the table, at the end: what the last run says
};

/// psql, and what a shell does around it.
struct Client {
  std::string statement = harmed_statement, before = "SELECT 0";
  std::string first = "exec", last = {};
  std::size_t replicas = 1;
};

inline HarmDone done_by(const fault::Harm& harm, const Client& client, arena::Arena& arena) {
  const runner::TestFolder folder;
  const std::string marker = std::string(folder.path()) + "/ran";
  const fleet::Subject subject{
      .name = "psql",
      .command = {"sh", "-c",
                  "[ -e '" + marker +
                      "' ] && exec psql -XAt -d {url} -c 'SELECT count(*) FROM harmed'; touch '" +
                      marker + "'; " + client.first +
                      " psql -X -v VERBOSITY=verbose -v ON_ERROR_STOP=1 -d {url} -c '" +
                      client.before + "' -c 'CREATE TABLE harmed (n int)' -c '" + client.statement +
                      "' -c 'SELECT 1' " + client.last}};
  const std::vector<truth::File> files;
  Prefixes prefixes(arena, {.files = files, .sent = {}, .own_tables = {}});
  const std::filesystem::path none;
  const Point point{.target = {.says = says_of({.sql = client.statement})},
                    .statements = {client.statement}};
  HarmDone done{.seen = run_cell({.arena = arena,
                                  .subject = subject,
                                  .migrations = none,
                                  .prefixes = prefixes,
                                  .replicas = client.replicas,
                                  .patience = std::chrono::seconds(30)},
                                 point, harm)};
  const std::string said = done.seen.last.said();
  done.rows = said.substr(0, said.find('\n'));
  EXPECT_TRUE(done.seen.fired);
  EXPECT_TRUE(done.seen.left);
  return done;
}

}  // namespace gauntlet::crash
