#include "harness/report/sample_reports.h"

namespace gauntlet::report {

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

core::ServerFacts stock() { return {.version = "15.20", .locale = "C.UTF-8"}; }

core::Result rehearsal() {
  return {.id = "check/dry-run",
          .subject = "gauntlet-migrate",
          .judgement = core::judged(
              {{.id = "lock-blocks-writes",
                .message = "migration 2 (index) keeps writers of public.orders waiting",
                .where = {.file = "migrations/orders/0002_index.up.sql", .line = 3, .version = 2},
                .fix = "CREATE INDEX CONCURRENTLY",
                .severity = core::Severity::warning}}),
          .seconds = 1250ms,
          .notes = {"rehearsed on a copy of the given database",
                    "sequence public.orders_id_seq "
                    "moved from 7 to 9"},
          .files = {{.file = "0001_column.up.sql",
                     .version = 1,
                     .what = core::FileOutcome::What::ok,
                     .seconds = 12ms,
                     .locks = {{.relation = "public.orders",
                                .mode = "AccessExclusiveLock",
                                .held = 11ms,
                                .rewritten = true},
                               {.relation = "public.customers", .mode = "ShareRowExclusiveLock"}}},
                    {.file = "0002_index.up.sql",
                     .version = 2,
                     .what = core::FileOutcome::What::ok,
                     .seconds = 1s,
                     .locks = {{.relation = "public.orders", .mode = "ShareLock", .held = 1s}}}}};
}

core::Result failed_dry_run() {
  return {.id = "check/dry-run",
          .subject = "gauntlet-migrate",
          .judgement = core::judged({{.id = "statement-fails",
                                      .message = "column \"totl\" does not exist",
                                      .where = {.file = "migrations/orders/0004_totals.up.sql",
                                                .line = 12,
                                                .column = 8,
                                                .version = 4},
                                      .fix = "correct the statement"}}),
          .seconds = 80ms,
          .replay =
              "gauntlet verify --database ephemeral --migrations migrations/orders --checks "
              "dry-run --seed 42 --statement-timeout 300s",
          .files = {{.file = "0004_totals.up.sql",
                     .version = 4,
                     .what = core::FileOutcome::What::failed,
                     .seconds = 3ms},
                    {.file = "0005_a_file_with_a_name_that_is_much_longer_than_anybody_would_ever_"
                             "want_to_read_in_a_table.up.sql",
                     .version = 5,
                     .what = core::FileOutcome::What::not_judged,
                     .why = "follows 0004"}}};
}

core::Result race() {
  return {
      .id = "check/replicas",
      .subject = "node_modules/.bin/some-tool --config a.json --dir {migrations} migrate up all",
      .judgement = core::judged(
          {{.id = "applied-twice",
            .message = "public.journal holds 60 rows more than a serial run leaves: 64 rows, "
                       "serial 4",
            .fix = "hold one lock from before the pending set is read until the migration is "
                   "recorded"},
           {.id = "schema-differs",
            .message = "the schema differs from a serial run's in 1 object (- serial, + here):\n"
                       "sequence public.journal_id_seq\n  - bigint start 1\n  + integer start 1",
            .where = {.version = 3}}}),
      .seconds = 3456ms,
      .replay = "gauntlet verify --checks replicas --seed 42"};
}

}  // namespace

core::Report all_hold() {
  return {.seed = 7,
          .server = stock(),
          .results = {{.id = "check/lint",
                       .subject = "gauntlet-migrate",
                       .judgement = core::judged({}),
                       .seconds = 4ms},
                      rehearsal()}};
}

core::Report much_is_wrong() {
  core::Report report = {.seed = 18446744073709551615U, .server = stock()};
  report.server->settings = {{"fsync", "off"},
                             {"max_connections", "300"},
                             {"max_locks_per_transaction", "1024"},
                             {"synchronous_commit", "off"}};
  report.results = {
      {.id = "check/status",
       .subject = "gauntlet-migrate",
       .judgement = core::not_applicable("the tracker records no names"),
       .seconds = 1ms},
      failed_dry_run(),
      {.id = "check/boot",
       .subject = "gauntlet-migrate",
       .judgement = core::unknown("the role app may not create databases: give it CREATEDB, or use "
                                  "--database ephemeral, which starts a server of its own"),
       .replay = "gauntlet verify --checks replicas --seed 42"},
      race()};
  return report;
}

core::Report a_scenario_fails() {
  return {.kind = "scenario",
          .seed = 7,
          .server = stock(),
          .results = {
              {.id = "concurrency/pending",
               .subject = "lock-is-noop",
               .judgement = core::judged({{.id = "replica-failed",
                                           .message = "replica 2 ended with exit 1",
                                           .fix = "take one lock"}}),
               .seconds = 900ms,
               .replay = "gauntlet test concurrency/pending --database ephemeral --seed 7",
               .notes = {"of 2 runs: 1 holds, 1 violated"},
               .claim = "16 replicas started together apply the same five migrations exactly once",
               .why = "a deploy starts all replicas at once; where two apply the same file, some "
                      "crash and the rollout stops half way",
               .story = {.title = "what happened in `deploy`",
                         .lines = {"       2.0 ms  replica 0   sends 001_a.up.sql",
                                   "->     9.5 ms  replica 2   failed at 001_a.up.sql: relation "
                                   "\"a\" already exists (42P07); a line that is longer than any "
                                   "terminal is wide is cut"}},
               .repeats = {{"holds", 1}, {"violated", 1}}},
              {.id = "order/skip-hole",
               .subject = "lock-is-noop",
               .judgement = core::judged({}),
               .seconds = 300ms,
               .claim = "a migration that appears below the highest applied one is run",
               .why = "two branches merge in the other order than they were numbered"}}};
}

core::Report any_bytes() {
  return {
      .results = {
          {.id = "check/boot",
           .subject = "./serve \xFF",
           .judgement =
               {.verdict = core::Verdict::violated,
                .findings = {{.id = "boot-failed",
                              .message =
                                  "said:\r\n\x1b[31mred\x1b[0m \x01\tnul \0 \xC3\x28 \xED\xA0\x80 "
                                  "]]> <&\"' \xEF\xBF\xBF caf\xC3\xA9"s,
                              .where = {.file = "a\nb.sql"}}}},
           .seconds = 0s,
           .replay = "gauntlet \xFF"}}};
}

core::Report nothing_ran() { return {}; }

}  // namespace gauntlet::report
