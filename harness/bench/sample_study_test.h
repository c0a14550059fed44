// A study as if it had been measured: what the tests of this room tell and read again.
#pragma once

#include "harness/bench/study.h"

#include <string>
#include <utility>
#include <vector>

namespace gauntlet::bench {

inline Run run_of(double makespan_ms) {
  return {.makespan_ms = makespan_ms,
          .wait_ms = {.p50 = makespan_ms / 2,
                      .p90 = makespan_ms * 0.9,
                      .p99 = makespan_ms * 0.99,
                      .most = makespan_ms},
          .fairness = 0.75,
          .client_cpu_ms = 12,
          .server_cpu_ms = 30};
}

inline Row row_of(std::size_t replicas, std::string who, Role role, double a_replica) {
  Row row{.cell = {.load = "5 pending", .replicas = replicas},
          .who = std::move(who),
          .role = role,
          .waits_ms = {1, 2, 3}};
  for (int round = 0; round < 9; ++round) {
    // Slow rounds are slow for all.
    const double slow = round == 4 ? 3 : 1;
    row.runs.push_back(run_of((2 + a_replica * static_cast<double>(replicas)) * slow));
  }
  return row;
}

/// The floor grows by 2 ms a replica, the reference by 2.4, and one other by 5.
inline Study sample_study() {
  Study study{
      .title = "a sample",
      .facts = {.server = {.version = "15.20", .locale = "C", .settings = {{"fsync", "off"}}},
                .cores = 2,
                .load_before = 0.5,
                .load_after = 1.5,
                .rounds = 9,
                .command = "gauntlet bench --replicas 16,32,64",
                .date = "2026-07-01T12:00:00Z",
                .version = "0.1.0"}};
  for (const std::size_t replicas : {16U, 32U, 64U}) {
    study.rows.push_back(row_of(replicas, "bare program", Role::floor, 2));
    study.rows.push_back(row_of(replicas, "gauntlet-migrate", Role::reference, 2.4));
    study.rows.push_back(row_of(replicas, "some <runner>", Role::other, 5));
  }
  study.rows[1].counted = Counted{
      .statements = 4,
      .round_trips = 2,
      .lanes = {{.left_ms = 9, .spans = {{.from_ms = 1, .until_ms = 3, .what = "SELECT 1 < 2"}}}}};
  return study;
}

}  // namespace gauntlet::bench
