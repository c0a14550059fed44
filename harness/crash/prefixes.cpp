#include "harness/crash/prefixes.h"

#include "harness/arena/connection.h"
#include "harness/observe/observe.h"
#include "harness/truth/difference.h"
#include "harness/truth/truth.h"
#include "runner/values/error.h"

#include <fmt/format.h>

namespace gauntlet::crash {

namespace {

core::Snapshot look(const arena::Address& database) {
  return observe::snapshot(database, {.sequences = false, .is_ours = true});
}

std::string texts_of(const std::vector<truth::File>& files) {
  std::string texts;
  for (const truth::File& file : files) texts.append(file.sql).append("\n");
  return texts;
}

/// A migration that is rolled back and done again leaves a gap in every sequence that it used.
void leave_gaps(const arena::Address& database) {
  arena::Connection(database).run(
      "SELECT pg_catalog.nextval(s.oid::pg_catalog.regclass) FROM pg_catalog.pg_class s"
      " WHERE s.relkind = 'S'");
}

}  // namespace

Prefixes::Prefixes(arena::Arena& arena, Asked asked)
    : arena_(arena), asked_(std::move(asked)), texts_(texts_of(asked_.files)) {
  states_ = apply(false);
}

/// The way of one file, as if it were the only one.
truth::Sent Prefixes::sent_of(std::size_t file) const {
  truth::Sent sent = asked_.sent;
  if (file < sent.files.size()) sent.files = {sent.files[file]};
  if (!sent.files.empty() && sent.files.front().framing &&
      sent.files.front().framing->transaction == truth::Framing::Transaction::shared)
    sent.files.front().framing->transaction = truth::Framing::Transaction::own;
  return sent;
}

std::vector<core::Snapshot> Prefixes::apply(bool calibrates) {
  const auto database = arena_.fresh("crash-files");
  if (calibrates) truth::prepare_calibration(*database, began_);
  const arena::Address& address = calibrates ? database->loopback() : database->address();
  std::vector<core::Snapshot> states = {look(database->address())};
  for (std::size_t file = 0; file < asked_.files.size(); ++file) {
    const std::vector<truth::File> one = {asked_.files[file]};
    const truth::Applied applied = truth::apply_plainly(
        address, one, sent_of(file),
        {.statement_timeout = asked_.statement_timeout, .calibrates = calibrates});
    if (applied.failed)
      throw runner::Error("files-refused",
                          fmt::format("the server refuses {}: {}", one.front().name, applied.why),
                          one.front().name, "correct the migration, or leave it out");
    states.push_back(look(database->address()));
    if (calibrates) leave_gaps(database->address());
  }
  return states;
}

std::vector<core::Finding> Prefixes::differences(const core::Snapshot& now,
                                                 std::size_t files) const {
  return truth::compare({.files = states_[files],
                         .run = now,
                         .calibration = calibration_.empty() ? nullptr : &calibration_[files],
                         .own_tables = asked_.own_tables,
                         .file_texts = texts_})
      .findings;
}

std::optional<std::size_t> Prefixes::fitting(const core::Snapshot& now) const {
  for (std::size_t files = states_.size(); files-- > 0;)
    if (differences(now, files).empty()) return files;
  return std::nullopt;
}

void Prefixes::calibrate() {
  if (calibration_.empty()) calibration_ = apply(true);
}

Place Prefixes::place(const arena::Address& database) {
  const core::Snapshot now = look(database);
  const std::scoped_lock lock(mutex_);
  if (!now.catalogue || !now.data)
    throw runner::Error("cannot-read", "the database could not be read: " + now.missing);
  Place place{.files = fitting(now)};
  if (!place.files) {
    calibrate();
    place.files = fitting(now);
  }
  if (!place.is_complete(asked_.files.size()))
    place.differs = differences(now, asked_.files.size());
  return place;
}

}  // namespace gauntlet::crash
