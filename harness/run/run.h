// verify(scenario, subject): the one place that composes arena, fleet, gate, observation and
// oracles. A call, and a Verifier, belong to one thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/arena/file_arena.h"
#include "harness/core/history.h"
#include "harness/core/report.h"
#include "harness/mutant/mutant.h"
#include "harness/run/program.h"
#include "harness/run/serial.h"
#include "harness/scenario/scenario.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gauntlet::run {

struct Options {
  std::uint64_t seed = 0;  ///< of what is drawn at random: when staggered replicas come
  std::optional<std::chrono::milliseconds> patience = {};  ///< in the place of the scenario's own
  /// How long somebody else holds the lock, in the place of the scenario's own window.
  std::optional<std::chrono::milliseconds> window = {};
  /// In the reference runner's place, as processes; absent: threads of ours.
  std::optional<Program> program = {};
  runner::NoTransaction no_transaction = runner::NoTransaction::directive;
  bool keep = false;  ///< leave the database of a run that does not hold, and tell how to reach it
  std::function<void(std::string_view)> progress = {};  ///< what is being done now
};

/// Runs the scenario with the reference runner, or with `mutant` (null: none) or the options'
/// program in its place. What cannot be run is unknown; what cannot be asked of the program is not
/// applicable. The result's story tells what happened, in order, where it does not hold.
core::Result verify(const scenario::Scenario& scenario, const mutant::Mutant* mutant,
                    arena::Arena& arena, const Options& options);

/// What became of one mutant under one scenario that names it.
enum class Fate {
  killed,        ///< violated, with a finding that the mutant declares
  wrong_reason,  ///< violated, with none of them
  survived,      ///< it holds
  undecided,     ///< a timeout, a limit or a lost server: nothing could be told
  unviable,      ///< the mutant fails already alone, or its rewrite matched nothing: it has no flaw
};
std::string_view to_string(Fate fate);

struct Kill {
  std::string_view mutant, scenario;
  Fate fate = Fate::survived;
  core::Result result = {};  ///< of the mutant, as verify() gave it
};

/// One mutant under one scenario.
Kill kill(const mutant::Mutant& mutant, const scenario::Scenario& scenario, arena::Arena& arena,
          const Options& options);

/// One run: its result, and the history of the stage that decided it.
struct Run {
  core::Result result;
  core::History history;
};

/// Many runs in one arena: what serial runs of a scenario leave, and whether a mutant is viable, is
/// found out once. The arena outlives it.
class Verifier {
 public:
  Verifier(arena::Arena& arena, Options options) : arena_(arena), options_(std::move(options)) {}

  /// As verify(), with `seed` in the place of that of the options.
  Run run(const scenario::Scenario& told, const mutant::Mutant* mutant, std::uint64_t seed);
  /// As run::kill().
  Kill kill(const mutant::Mutant& mutant, const scenario::Scenario& scenario, std::uint64_t seed);

 private:
  /// What came of the mutant alone, with its reason; nullopt: it gets through. Violated: it is
  /// unviable. Unknown: nothing can be told.
  std::optional<core::Judgement> unviable(const mutant::Mutant& mutant, runner::Engine engine);
  /// What the program makes of the plainest of files; run once.
  const Serial& alone_on_plainest(const Program& program);
  void tell(const std::string& doing) const;

  arena::Arena& arena_;
  const std::unique_ptr<arena::Arena> files_ = arena::open_files();  ///< of scenarios on SQLite
  const Options options_;
  std::map<std::string, Serial, std::less<>> serial_;  ///< by scenario
  /// By mutant and engine: what was decided.
  std::map<std::pair<std::string, runner::Engine>, std::optional<core::Judgement>> unviable_;
  std::optional<Serial> plainest_;  ///< of the program; absent: not tried yet
};

}  // namespace gauntlet::run
