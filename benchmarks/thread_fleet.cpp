#include "benchmarks/thread_fleet.h"

#include "runner/apply.h"
#include "runner/connect.h"

#include <barrier>
#include <chrono>
#include <thread>

namespace gauntlet::benchmarks {

namespace {

using std::chrono::steady_clock;

double ms_since(steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - begin).count();
}

}  // namespace

ThreadStorm let_go(std::size_t replicas, const std::string& conninfo, const Act& act) {
  ThreadStorm storm{.outcomes = std::vector<Outcome>(replicas)};
  std::barrier gate(static_cast<std::ptrdiff_t>(replicas) + 1);
  steady_clock::time_point begin;
  std::vector<std::thread> threads;
  threads.reserve(replicas);
  for (std::size_t replica = 0; replica < replicas; ++replica) {
    threads.emplace_back([&, replica] {
      gate.arrive_and_wait();  // all are there
      gate.arrive_and_wait();  // the clock runs
      Outcome& outcome = storm.outcomes[replica];
      try {
        const auto sessions = runner::sessions_of(conninfo);
        act(replica, *sessions);
      } catch (const std::exception& error) {
        outcome.failure = error.what();
      }
      outcome.wait_ms = ms_since(begin);
    });
  }
  gate.arrive_and_wait();
  begin = steady_clock::now();
  gate.arrive_and_wait();
  for (std::thread& thread : threads) thread.join();
  storm.makespan_ms = ms_since(begin);
  return storm;
}

}  // namespace gauntlet::benchmarks
