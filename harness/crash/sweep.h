// A sweep: a clean run gives the points, and each point with each harm is a cell. Made on one
// thread; then any number of threads run cells, each in an arena of its own.
#pragma once

#include "harness/crash/outcome.h"
#include "harness/fault/harm.h"
#include "harness/fleet/subject_file.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::crash {

struct Options {
  fleet::SubjectFile subject;
  std::filesystem::path migrations = {};  ///< empty: the built-in ones
  std::string format = "gauntlet";        ///< layout of `migrations`, or of the project made
  std::string applied_query = {};         ///< empty: recognised
  Which which = Which::equal_once;
  /// Longest time of one run; absent: ten times the clean one, at least 15 s.
  std::optional<std::chrono::milliseconds> patience = {};
  std::vector<std::string> harms = {};  ///< ids; empty: those that are swept
  bool server_faults = false;           ///< also what stops the server
  std::size_t replicas = 1;             ///< 2: another one waits while the first is harmed
  arena::ServerOptions server = {};     ///< of what is stopped: each cell has its own
  std::vector<std::string> only = {};   ///< `POINT:HARM`, `POINT` or `:HARM`; empty: all
};

struct Cell {
  std::size_t point = 0, harm = 0;
};

struct CellResult {
  Cell cell = {};
  Judged judged = {};
  bool was_running = false;  ///< the server was seen to run the statement
  std::chrono::duration<double> seconds{0};
};

class Sweep {
 public:
  /// Runs the subject alone, twice, and applies the files plainly. The arena outlives it.
  /// Throws: Error `runner-failed`, `files-refused`, `bad-only`, of the arena, of a project.
  Sweep(Options options, arena::Arena& arena,
        const std::function<void(std::string_view)>& progress);
  ~Sweep();
  Sweep(const Sweep&) = delete;
  Sweep& operator=(const Sweep&) = delete;

  const std::vector<Point>& points() const;
  const std::vector<fault::Harm>& harms() const;
  const std::vector<Cell>& cells() const;
  const std::vector<truth::File>& files() const;
  const std::vector<std::string>& notes() const;
  const std::string& subject() const;
  std::chrono::milliseconds patience() const;

  /// Any thread. Throws: Error of the arena.
  CellResult run(const Cell& cell, arena::Arena& arena) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gauntlet::crash
