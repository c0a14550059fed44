#include "harness/run/program_alone.h"

#include "harness/fleet/wire_fleet.h"
#include "harness/gate/gates.h"
#include "harness/gate/on_threads.h"
#include "harness/oracle/endings.h"
#include "harness/oracle/oracle.h"
#include "harness/run/body.h"
#include "harness/run/neutral_folder.h"
#include "harness/run/program_call.h"
#include "harness/run/seen_locks.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using core::Event;
using scenario::Stage;

/// `was ended by Gauntlet with signal 9 after 6.0 s, when 5 of 5 files were committed`.
std::string how_it_ended(const core::History& history, const Event& end,
                         const std::vector<oracle::MigrationFile>& files) {
  std::string text = oracle::ending_of(end);
  if (end.kind != Event::Kind::killed) return text;
  text += fmt::format(" after {:.1f} s", oracle::running_time(history, 0, end).count());
  const oracle::FileStatements statements(history, files);
  std::size_t committed = 0;
  for (std::size_t file = 0; file < files.size(); ++file)
    if (statements.is_committed(file)) ++committed;
  return files.empty()
             ? text
             : fmt::format("{}, when {} of {} files were committed", text, committed, files.size());
}

std::string last_words(const core::History& history) {
  const std::string said = oracle::last_lines(history, 0);
  return said.empty() ? "it printed nothing" : said;
}

}  // namespace

Alone run_program_alone(const Stage& stage, const Folder& folder, const Program& program,
                        const arena::Database& database, const StageOptions& options) {
  const NeutralFolder on_disk = folder_for(stage.call, folder, program, database);
  const fleet::Subject subject = subject_for(program, stage, options);
  gate::Recorder recorder(1);
  gate::OpenGate open;
  SeenLocks locks(open, database.address());
  gate::AtOnce gate(locks);
  {
    fleet::WireFleet fleet({&subject}, database, on_disk.path(), gate, recorder, {});
    fleet.processes().release();
    fleet.finish_within(options.patience);
  }
  Alone alone{.locks = locks.arguments(), .history = recorder.history()};
  const core::History& history = alone.history;
  if (alone.locks.empty()) alone.locks = momentary_locks(history);
  const std::vector<Body> bodies = bodies_of(folder.listing, stage);
  if (const auto refused = refused_body(history, bodies)) {
    alone.refused = refused->name;
    alone.refused_with = refused->sqlstate;
  }
  const Event* end = history.exit_of(0);
  if (end == nullptr) {
    alone.failure = "it was not seen to end";
    return alone;
  }
  alone.exit_code = end->exit_code;
  const std::vector<int>& fine = program.subject.success_codes;
  // Nobody denies its unlock where it runs alone.
  const bool may_fail = stage.call.action == scenario::Action::status ||
                        !stage.resembling.empty() ||
                        (stage.expected_error && !stage.unlock_is_false);
  const bool told =
      end->exit_code && (may_fail || std::ranges::find(fine, *end->exit_code) != fine.end());
  if (!told)
    alone.failure =
        fmt::format("it {}: {}", how_it_ended(history, *end, migration_files(folder.listing)),
                    last_words(history));
  return alone;
}

}  // namespace gauntlet::run
