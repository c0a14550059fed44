// The ways of taking turns, as fleets of threads: each replica is a call of the runner's library on
// a connection of its own. Processes would measure how programs start. Belongs to one thread.
#pragma once

#include "benchmarks/ground.h"
#include "harness/bench/measure.h"
#include "harness/bench/work.h"

#include <memory>
#include <string>
#include <vector>

namespace gauntlet::benchmarks {

/// What there is to do: `nothing pending`, `5 pending`, one that takes some milliseconds.
class Loads {
 public:
  explicit Loads(const std::vector<int>& holds_ms);
  const std::vector<bench::Work>& works() const { return works_; }
  /// Smaller fleets first, load by load.
  std::vector<bench::Cell> cells(const std::vector<std::size_t>& fleets) const;

 private:
  void add(const std::string& load, std::size_t count, std::chrono::milliseconds hold);

  std::vector<std::unique_ptr<Folder>> folders_ = {};
  std::vector<bench::Work> works_ = {};
};

/// The floor, which connects, asks one thing and leaves; and notify, blocking, transaction, table
/// and none. Nobody is kept out by none, so one replica applies and the others only look: all that
/// there is to do, without any waiting. Ground and loads outlive them.
std::vector<std::unique_ptr<bench::Contender>> strategies(Ground& ground, const Loads& loads);

}  // namespace gauntlet::benchmarks
