#include "runner/turn/take_over.h"

#include "runner/tracker/legacy.h"
#include "runner/turn/not_our_turn.h"
#include "runner/values/own_query.h"
#include "runner/values/sql_dialect.h"

#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

bool is_new(const Reading& reading) {
  return reading.applied.rows.empty() && reading.applied.marks.empty();
}

// What there is of the tracker, without what is in it.
Reading probe(Session& session, const Tracker& tracker) {
  return tracker.reading_of(query_own(
      session, message_of(Purpose::read, tracker.read_statement({})), Tracker::reading_columns));
}

// What a predecessor had applied is recorded; a message of its own only if there is something.
void record_predecessor(Session& session, const Tracker& tracker, const Legacy& legacy,
                        const std::vector<Migration>& available, TakenOver& taken) {
  if (legacy.state == Legacy::State::dirty) throw dirty_legacy(legacy);
  if (legacy.state == Legacy::State::foreign) taken.notes.push_back(legacy.text());
  if (legacy.state != Legacy::State::clean) return;
  AppliedSet applied;
  count_as_applied(available, *legacy.version, applied);
  Message message;
  message.before.reserve(applied.rows.size() + 1);
  for (const AppliedRow& row : applied.rows) {
    message.before.push_back(
        {Purpose::record, tracker.insert_row(row.version, row.name, row.checksum)});
  }
  message.before.push_back({Purpose::read, tracker.read_statement(taken.reading)});
  taken.reading = tracker.reading_of(
      result_from_end(session.send_message(message), 0, Tracker::reading_columns));
  taken.notes.push_back(
      fmt::format("{}: {} migrations are recorded as applied", legacy.text(), applied.rows.size()));
}

void send_opening(Session& session, const Message& opening) {
  try {
    Lock::send_at_once(session, opening);
  } catch (const SqlError& error) {
    if (!session.dialect().is_busy(error)) throw;
    roll_back(session);
    throw NotOurTurn(NotOurTurn::Why::busy, "another runner has the migration lock");
  }
}

void append(std::vector<OwnStatement>& statements, const std::vector<OwnStatement>& more) {
  statements.insert(statements.end(), more.begin(), more.end());
}

// A transaction that has the turn, and what the tracker says in it.
struct Begun {
  Message unsent;  ///< what begins it, for the front of the next message
  Reading now;
};

// Where the turn is the run's, it was ours at the last reading already.
Begun begin_in_turn(Session& session, const Tracker& tracker, const Lock& lock,
                    const Reading& before, const TakeOverOptions& options) {
  const SqlDialect& dialect = session.dialect();
  Message opening = message_of(Purpose::begin, dialect.begin_read_committed());
  add_statement(opening.before, Purpose::setting, dialect.bound_lock_waits(options.patience));
  add_statement(opening.before, Purpose::turn, lock.transaction_statement());
  if (lock.lasts_a_run()) return {.unsent = std::move(opening), .now = before};
  send_opening(session, opening);
  return {.unsent = {}, .now = probe(session, tracker)};
}

// Where there is no predecessor nothing is to be decided in between: all of it is one message.
// nullopt, and nothing done, if there is one.
std::optional<TakenOver> take_over_from_nobody(Session& session, const Tracker& tracker,
                                               const LegacySearch& legacy, Message message,
                                               const std::vector<OwnStatement>& create_and_read) {
  message.before.push_back({Purpose::search, legacy.refusal()});
  append(message.before, create_and_read);
  message.before.push_back({Purpose::commit, "COMMIT"});
  try {
    const std::vector<Result> results = session.send_message(message);
    return TakenOver{
        .reading = tracker.reading_of(result_from_end(results, 1, Tracker::reading_columns)),
        .notes = {}};
  } catch (const SqlError& error) {
    if (!LegacySearch::is_refusal(error)) throw;
    roll_back(session);
    return std::nullopt;
  }
}

TakenOver take_over_once(Session& session, const Tracker& tracker, const Lock& lock,
                         const Reading& before, const std::vector<Migration>& available,
                         const TakeOverOptions& options) {
  TakenOver taken;
  auto [begin, now] = begin_in_turn(session, tracker, lock, before, options);
  std::vector<OwnStatement> create_and_read = tracker.create_statements(now);
  now.tracker_exists = now.marks_exist = true;
  create_and_read.push_back({Purpose::read, tracker.read_statement(now)});
  const LegacySearch legacy(session, tracker.schema(), options.legacy_table);
  if (!begin.before.empty()) {
    if (auto taken_over = take_over_from_nobody(session, tracker, legacy, begin, create_and_read)) {
      return *std::move(taken_over);
    }
  }
  append(begin.before, create_and_read);
  begin.before.push_back({Purpose::search, legacy.statement()});
  const std::vector<Result> results = session.send_message(begin);
  taken.reading = tracker.reading_of(result_from_end(results, 1, Tracker::reading_columns));
  if (is_new(taken.reading)) {
    record_predecessor(session, tracker,
                       legacy.read(result_from_end(results, 0, 3), LegacyLock::shared), available,
                       taken);
  }
  session.send_message(message_of(Purpose::commit, "COMMIT"));
  return taken;
}

std::string take_over_fix(const SqlError& error, const SqlDialect& dialect) {
  if (!error.fix().empty()) return error.fix();
  switch (dialect.kind_of(error)) {
    case ErrorKind::denied:
      return "grant the role what it lacks, or create the tracker's tables as another role";
    case ErrorKind::read_only:
      return "point --database at the primary, or at a writable database";
    case ErrorKind::name_taken:
      return "rename the type that has the tracker's name, or name another tracker with --table";
    case ErrorKind::lock_timeout:
      return "end the session that writes the predecessor's table";
    default:
      return "see what the server says, then run `gauntlet-migrate up` again";
  }
}

}  // namespace

TakenOver take_over(Session& session, const Tracker& tracker, const Lock& lock,
                    const Reading& before, const std::vector<Migration>& available,
                    const TakeOverOptions& options) {
  if (before.tracker_exists && before.marks_exist && !is_new(before)) return {before, {}};
  for (bool again = false;; again = true) {
    try {
      const Reading seen = again ? probe(session, tracker) : before;
      return take_over_once(session, tracker, lock, seen, available, options);
    } catch (const SqlError& error) {
      if (error.connection_lost()) throw;
      // A session that does not hold our lock (another key, another tool) may have created the
      // tracker a moment ago.
      if (again || !session.dialect().names_an_existing_object(error)) {
        throw SqlError({"cannot-prepare-tracker",
                        fmt::format("the tracker {} could not be prepared: {}", tracker.name(),
                                    to_string(error.said())),
                        tracker.name(), take_over_fix(error, session.dialect())},
                       error.said(), error.statements_completed());
      }
      roll_back(session);
    }
  }
}

}  // namespace gauntlet::runner
