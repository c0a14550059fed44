#include "runner/take_over.h"

#include "runner/applying.h"
#include "runner/legacy.h"

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

bool is_new(const Reading& reading) {
  return reading.applied.rows.empty() && reading.applied.marks.empty();
}

void record_predecessor(Session& session, const Tracker& tracker,
                        const std::vector<Migration>& available, const TakeOverOptions& options,
                        std::vector<std::string>& notes) {
  const Legacy legacy =
      read_legacy(session, tracker.schema(), options.legacy_table, LegacyLock::shared);
  if (legacy.state == Legacy::State::dirty) throw dirty_legacy(legacy);
  if (legacy.state == Legacy::State::foreign) notes.push_back(legacy.text());
  if (legacy.state != Legacy::State::clean) return;
  AppliedSet applied;
  count_as_applied(available, *legacy.version, applied);
  std::string inserts;
  for (const AppliedRow& row : applied.rows) {
    inserts += tracker.insert_row(row.version, row.name, row.checksum) + ";";
  }
  if (!inserts.empty()) session.send(inserts);
  notes.push_back(
      fmt::format("{}: {} migrations are recorded as applied", legacy.text(), applied.rows.size()));
}

void take_transaction_lock(Session& session, const Lock& lock, const std::string& statement) {
  if (statement.empty()) return;
  try {
    lock.send_at_once(statement);
  } catch (const SqlError& error) {
    if (!lock.is_busy(error)) throw;
    roll_back(session);
    throw NotOurTurn(NotOurTurn::Why::busy, "another runner has the migration lock");
  }
}

void begin_in_turn(Session& session, const Lock& lock, const TakeOverOptions& options) {
  if (session.engine() == Engine::sqlite) {
    take_transaction_lock(session, lock, lock.opening().front().sql);
    return;
  }
  session.send(fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED;SET LOCAL lock_timeout = {}",
                           options.patience.count()));
  take_transaction_lock(session, lock, lock.transaction_statement());
}

// The tracker must stand before it can be the lock.
void create_what_will_be_locked(Session& session, const Tracker& tracker, const Lock& lock,
                                const Reading& before) {
  if (lock.mode() != LockMode::table || before.tracker_exists) return;
  const Reading now = tracker.reading_of(session.send(tracker.read_statement({})).front());
  if (!now.tracker_exists) session.send("BEGIN;" + tracker.create_statements(now) + "COMMIT");
}

TakenOver take_over_once(Session& session, const Tracker& tracker, const Lock& lock,
                         const Reading& before, const std::vector<Migration>& available,
                         const TakeOverOptions& options) {
  TakenOver taken;
  create_what_will_be_locked(session, tracker, lock, before);
  begin_in_turn(session, lock, options);
  Reading now = tracker.reading_of(session.send(tracker.read_statement({})).front());
  const std::string create = tracker.create_statements(now);
  now.tracker_exists = now.marks_exist = true;
  now = tracker.reading_of(session.send(create + tracker.read_statement(now)).back());
  if (is_new(now)) record_predecessor(session, tracker, available, options, taken.notes);
  taken.reading = tracker.reading_of(session.send(tracker.read_statement(now) + ";COMMIT").front());
  return taken;
}

// Somebody who does not hold our lock (another key, another tool) created it a moment ago. Which of
// these the server says depends on how far the other was: a table's row type comes after its name.
bool exists_already(const SqlError& error) {
  const std::string& state = error.said().sqlstate;
  return state == "23505" || state == "42P07" || state == "42P06" || state == "42710";
}

std::string next_step(const SqlError& error) {
  const std::string& sqlstate = error.said().sqlstate;
  if (!error.fix().empty()) return error.fix();
  if (sqlstate == "42501") {
    return "grant the role what it lacks, or create the tracker's tables as another role";
  }
  if (sqlstate == "25006") return "point --database at the primary, or at a writable database";
  if (sqlstate == "42710") {
    return "rename the type that has the tracker's name, or name another tracker with --table";
  }
  if (sqlstate == "55P03") return "end the session that writes the predecessor's table";
  return "see what the server says, then run `gauntlet-migrate up` again";
}

}  // namespace

TakenOver take_over(Session& session, const Tracker& tracker, const Lock& lock,
                    const Reading& before, const std::vector<Migration>& available,
                    const TakeOverOptions& options) {
  if (before.tracker_exists && before.marks_exist && !is_new(before)) return {before, {}};
  for (bool again = false;; again = true) {
    try {
      return take_over_once(session, tracker, lock, before, available, options);
    } catch (const SqlError& error) {
      if (error.connection_lost()) throw;
      if (again || !exists_already(error)) {
        throw SqlError({"cannot-prepare-tracker",
                        fmt::format("the tracker {} could not be prepared: {}", tracker.name(),
                                    to_string(error.said())),
                        tracker.name(), next_step(error)},
                       error.said(), error.statements_completed());
      }
      roll_back(session);
    }
  }
}

}  // namespace gauntlet::runner
