#include "harness/oracle/endings.h"

#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

std::string said(std::string err, std::string out = {}) {
  core::History history{.replicas = 1};
  history.outputs = {{.out = std::move(out), .err = std::move(err)}};
  return last_lines(history, 0);
}

TEST(LastLines, AreSixAtMost) {
  EXPECT_EQ(said("1\n2\n3\n4\n5\n6\n7\n8\n\n"), "3\n4\n5\n6\n7\n8");
  EXPECT_EQ(said("only one"), "only one");
  EXPECT_EQ(said("\n \n"), "");
}

TEST(LastLines, AreThoseOfStandardOutputWhereTheOtherIsBlank) {
  EXPECT_EQ(said(" \n", "failed\n"), "failed");
}

TEST(LastLines, SayTheErrorAndNotWhereInItsSourcesAProgramMetIt) {
  EXPECT_EQ(said("migration failed\n"
                 "error: relation \"a\" already exists\n"
                 "    at Parser.parse (/app/node_modules/pg-protocol/dist/parser.js:283:98)\n"
                 "\tat java.base/Thread.run(Thread.java:840)\n"
                 "    at TCP.onStreamRead (node:internal/stream_base_commons:191:23)\n"),
            "migration failed\nerror: relation \"a\" already exists");
  EXPECT_EQ(said("at 1 the first of them failed"), "at 1 the first of them failed");
  EXPECT_EQ(said("  at a\n  at b\n"), "  at a\n  at b");
}

TEST(LastLines, KeepTheErrorBeforeAllThatARuntimeKnowsOfIt) {
  const std::string known =
      "    length: 96,\n    severity: 'ERROR',\n    code: '42601',\n  }\n\n"
      "Node.js v20.20.2\n";
  EXPECT_EQ(said("error: an older one\nAssertionError [ERR_X]: no such column\n  {\n" + known),
            "AssertionError [ERR_X]: no such column\n    severity: 'ERROR',\n    code: '42601',\n"
            "  }\n\nNode.js v20.20.2");
  EXPECT_EQ(said("1\n2\n3\n4\nERROR:  no such table\n5\n6\n7\n"),
            "3\n4\nERROR:  no such table\n5\n6\n7");
}

TEST(LastLines, AreCutWhereTheyAreTooLong) {
  EXPECT_EQ(said("x" + std::string(5000, 'y') + "z").size(), 1000U);
}

}  // namespace
}  // namespace gauntlet::oracle
