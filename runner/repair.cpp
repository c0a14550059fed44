#include "runner/repair.h"

#include "runner/apply/applying.h"
#include "runner/apply/outside.h"
#include "runner/turn/turn.h"
#include "runner/values/elapsed.h"
#include "runner/values/own_query.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

using Work = std::function<void(Turn&)>;

// Does `work` in a turn; again where a turn is a transaction's and another runner had it.
void in_turn(SessionSource& sessions, const Listing& listing, const RunOptions& options,
             const Observer& observer, const Work& work) {
  with_turn(sessions, listing, options, observer, [&](Turn& turn) {
    turn.begin();
    while (turn.try_take("true") != Turn::Tried::ours) turn.wait();
    while (true) {
      try {
        // A mark's owner may live, where a turn is a transaction.
        const auto alone = turn.be_alone();
        return work(turn);
      } catch (const NotOurTurn&) {
        turn.wait_and_look();
      }
    }
  });
}

const Migration& on_disk(const Listing& listing, Version version) {
  const auto found = std::ranges::find(listing.migrations, version, &Migration::version);
  if (found != listing.migrations.end()) return *found;
  throw Error("unknown-version", fmt::format("there is no migration {} on disk", version.number),
              {}, "give the version of one of the files");
}

const Mark& mark_of(const Turn& turn, Version version) {
  const auto& marks = turn.reading().applied.marks;
  const auto found = std::ranges::find(marks, version, &Mark::version);
  if (found != marks.end()) return *found;
  throw Error("not-in-progress", fmt::format("migration {} is not in progress", version.number),
              "marks in " + turn.tracker().quoted_marks(), "see `gauntlet-migrate status`");
}

// One statement of ours that changes the tracker, in a transaction that holds the lock.
void write(const Turn& turn, const std::string& statement) {
  Session& session = turn.session();
  std::vector<OwnStatement> statements = turn.lock().opening();
  add_statement(statements, Purpose::proof, turn.lock().proof_statement());
  statements.push_back({Purpose::record, statement});
  statements.push_back({Purpose::commit, "COMMIT"});
  try {
    send_own(session, {.before = statements, .body = {}, .after = {}});
  } catch (const SqlError& error) {
    if (error.connection_lost()) throw;
    roll_back(session);
    if (!session.dialect().is_busy(error)) {
      const std::string holders = error.where().empty() ? "" : "\n         " + error.where();
      throw SqlError(
          {"not-recorded", "the tracker could not be written: " + to_string(error.said()),
           turn.tracker().name() + holders, "see what the server says, then run this again"},
          error.said(), error.statements_completed());
    }
    if (!turn.lock().lasts_a_run()) {
      throw NotOurTurn(NotOurTurn::Why::busy, "another runner has the migration lock");
    }
    throw Error("lock-lost", "another session has the migration lock, and nothing was written",
                turn.tracker().name(), "see who has it with `gauntlet-migrate status`");
  }
}

}  // namespace

void accept(SessionSource& sessions, const Listing& listing, Version version,
            const RunOptions& options, const Observer& observer) {
  const Migration& migration = on_disk(listing, version);
  in_turn(sessions, listing, options, observer, [&](Turn& turn) {
    const auto& rows = turn.reading().applied.rows;
    if (std::ranges::find(rows, version, &AppliedRow::version) == rows.end()) {
      throw Error("unknown-version", fmt::format("migration {} is not applied", version.number),
                  "tracker " + turn.tracker().quoted(), "see `gauntlet-migrate status`");
    }
    write(turn, turn.tracker().update_checksum(version, migration.checksum()));
  });
}

void resume(SessionSource& sessions, const Listing& listing, Version version,
            std::optional<int> from, const RunOptions& options, const Observer& observer) {
  const Migration& migration = on_disk(listing, version);
  in_turn(sessions, listing, options, observer, [&](Turn& turn) {
    const Mark mark = mark_of(turn, version);
    const Task task = task_of(mark, migration, turn.reading().applied);
    const auto began = std::chrono::steady_clock::now();
    turn.tell(MigrationStarted{version, migration.name, 1, 1});
    resume_outside(applying_of(turn), task, mark, from);
    turn.tell(MigrationFinished{version, migration.name, elapsed_since(began), task.direction});
  });
}

void forget(SessionSource& sessions, const Listing& listing, Version version,
            const RunOptions& options, const Observer& observer) {
  in_turn(sessions, listing, options, observer, [&](Turn& turn) {
    write(turn, turn.tracker().delete_mark(mark_of(turn, version).version));
  });
}

}  // namespace gauntlet::runner
