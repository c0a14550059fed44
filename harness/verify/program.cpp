#include "harness/verify/program.h"

#include "harness/fleet/staggered.h"
#include "harness/observe/observe.h"
#include "harness/oracle/endings.h"
#include "runner/error.h"

#include <algorithm>
#include <array>
#include <fstream>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using scenario::Stage;
using std::chrono::milliseconds;

constexpr milliseconds stagger_max{500}, leftovers_patience{2'000};

/// The listing's files, for a program to read; gone with it.
class Folder {
 public:
  explicit Folder(const runner::Listing& listing) {
    for (const runner::Migration& migration : listing.migrations) {
      write(migration.up);
      if (migration.down) write(*migration.down);
    }
  }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  void write(const runner::Script& script) const {
    const std::filesystem::path file = folder_.path() / script.file.filename();
    std::ofstream stream(file, std::ios::binary);
    stream << script.bytes;
    stream.close();
    if (!stream)
      throw runner::Error("cannot-write", "a migration could not be written for the program",
                          file.string(), "make room in the folder for temporary files");
  }

  fleet::WorkFolder folder_;
};

fleet::Subject subject_for(const Program& program, const Stage& stage,
                           const StageOptions& options) {
  fleet::Subject subject = program.subject;
  if (program.told == Program::Told::nothing) return subject;
  if (stage.key == Stage::Key::unique)
    subject.command.insert(subject.command.end(), {"--lock-key", std::to_string(options.lock_key)});
  if (!stage.table.empty())
    subject.command.insert(subject.command.end(), {"--table", std::string(stage.table)});
  return subject;
}

bool has_marker(const scenario::File& file) {
  return file.sql.find("gauntlet: no-transaction") != std::string::npos;
}

/// What only a replica of ours can be told to do.
std::string objection_to_calls(const Stage& stage) {
  if (stage.call.action != scenario::Action::up || stage.direction)
    return "it asks for more than `up`";
  if (!stage.beside.empty() || stage.call.knows_up_to > 0)
    return "some of its replicas are called otherwise than the others";
  if (!stage.hooks.empty()) return "it has hooks, which only a program of ours has";
  if (stage.lock_wait) return "it bounds the wait for the lock, which cannot be told to a program";
  return {};
}

/// What only a gate can do.
std::string objection_to_gates(const Stage& stage) {
  constexpr const char* unseen =
      "statements are held or harmed, and those of a program are not seen";
  if (!stage.holds.empty() || !stage.faults.empty() || !stage.interrupted_at.empty()) return unseen;
  if (stage.foreign_lock)
    return "whether a program asks for a lock is not seen where its statements are not";
  if (stage.bystander)
    return "somebody else is in its database, whose door is shut until the copies are there";
  return {};
}

std::string objection(const Stage& stage, const Program& program) {
  if (std::string why = objection_to_calls(stage); !why.empty()) return why;
  if (std::string why = objection_to_gates(stage); !why.empty()) return why;
  if (stage.connections > 0) return "its replicas share the connections of one process";
  const bool is_any = program.told == Program::Told::nothing;
  if (is_any && !stage.table.empty())
    return "it wants a tracker of its own name, which cannot be told to any program";
  if (is_any && stage.expected_error)
    return "it is about how the reference runner tells of a failure";
  if (!program.has_marker && std::ranges::any_of(stage.files, has_marker))
    return "it has a file that says `-- gauntlet: no-transaction`, which the format does not know";
  return {};
}

}  // namespace

std::string objection(const scenario::Scenario& scenario, const Program& program) {
  if (!scenario.sweep.empty())
    return "a fault at every statement in turn, and those of a program are not seen";
  for (const Stage& stage : scenario.stages) {
    std::string why = objection(stage, program);
    if (!why.empty()) return why;
  }
  return {};
}

bool looks_at_statements(std::string_view oracle) {
  constexpr std::array<std::string_view, 5> oracles = {
      "mutual-exclusion", "nobody-passes", "nothing-written", "pinned", "unlock-confirmed"};
  return std::ranges::find(oracles, oracle) != oracles.end();
}

std::string run_program_alone(const Stage& stage, const runner::Listing& listing,
                              const Program& program, const arena::Database& database,
                              const StageOptions& options) {
  const Folder folder(listing);
  const core::History history = fleet::run_once(subject_for(program, stage, options), database,
                                                folder.path(), options.patience);
  const core::Event* end = history.exit_of(0);
  if (end == nullptr) return "it was not seen to end";
  const std::vector<int>& fine = program.subject.ok_exits;
  if (end->exit_code && std::ranges::find(fine, *end->exit_code) != fine.end()) return {};
  return fmt::format("it {}: {}", oracle::ending_of(*end), oracle::last_lines(history, 0));
}

StageSeen run_program_stage(const Stage& stage, const runner::Listing& listing,
                            const Program& program, const arena::Database& database,
                            const StageOptions& options) {
  const Folder folder(listing);
  const fleet::Subject subject = subject_for(program, stage, options);
  StageSeen seen;
  core::Leftovers left;
  const auto look = [&] { left = observe::leftovers(database.address(), leftovers_patience); };
  if (stage.arrival == scenario::Arrival::staggered) {
    seen.history = fleet::staggered(subject, database, folder.path(),
                                    {.replicas = stage.replicas,
                                     .patience = options.patience,
                                     .stagger_max = stagger_max,
                                     .seed = options.seed,
                                     .when_ended = look});
    seen.gathered = seen.wanted = 0;
  } else {
    seen.history =
        fleet::race(subject, database, folder.path(),
                    {.replicas = stage.replicas, .patience = options.patience, .when_ended = look});
    seen.gathered = seen.history.sessions_at_the_door.value_or(0);
    seen.wanted = std::min<std::size_t>(stage.replicas, 2);
  }
  seen.leftovers = std::move(left);
  return seen;
}

}  // namespace gauntlet::verify
