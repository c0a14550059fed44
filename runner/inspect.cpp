#include "runner/inspect.h"

#include "runner/tracker/legacy.h"
#include "runner/tracker/tracker.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

Inspection::State state_of(const Inspection& inspection) {
  if (inspection.legacy_dirty) return Inspection::State::incompatible;
  auto worst = Inspection::State::compatible;
  for (const Entry& entry : inspection.entries) {
    switch (entry.state) {
      case Entry::State::unknown:
      case Entry::State::renamed:
      case Entry::State::edited:
        return Inspection::State::incompatible;
      case Entry::State::pending:
      case Entry::State::in_progress:
        worst = Inspection::State::migrations_needed;
        break;
      case Entry::State::applied:
        break;
    }
  }
  return worst;
}

// The same states, and one more.
static_assert(static_cast<int>(Inspection::State::compatible) ==
              static_cast<int>(Check::State::compatible));
static_assert(static_cast<int>(Inspection::State::migrations_needed) ==
              static_cast<int>(Check::State::migrations_needed));
static_assert(static_cast<int>(Inspection::State::incompatible) ==
              static_cast<int>(Check::State::incompatible));

std::string versions_in(const std::vector<Entry>& entries, Entry::State state) {
  std::string list;
  for (const Entry& entry : entries) {
    if (entry.state != state) continue;
    list += fmt::format("{}{}", list.empty() ? "" : ", ", entry.version.number);
    if (state == Entry::State::in_progress) list += fmt::format(" at {}", entry.progress);
  }
  return list;
}

// A mark stands, and nothing forbids to go on: whether its migration will be applied is open.
bool is_in_progress(const Inspection& inspection) {
  if (inspection.state == Inspection::State::incompatible) return false;
  return std::ranges::any_of(inspection.entries, [](const Entry& entry) {
    return entry.state == Entry::State::in_progress;
  });
}

// How long a pool may take to lend a session.
constexpr std::chrono::seconds session_patience{30};

Check could_not_tell(const std::string& message, std::string error) {
  return {.state = Check::State::could_not_tell,
          .line = "could not tell: " + message.substr(0, message.find('\n')),
          .exit_code = static_cast<int>(Check::State::could_not_tell),
          .error = std::move(error)};
}

}  // namespace

Inspection inspect(Session& session, const Listing& listing, const TrackerOptions& options) {
  Tracker tracker(session, options);
  Reading reading = tracker.read();
  Inspection inspection;
  inspection.tracker_exists = reading.tracker_exists;
  inspection.tracker = tracker.name();
  if (reading.applied.rows.empty() && reading.applied.marks.empty()) {
    const Legacy legacy =
        read_legacy(session, tracker.schema(), options.legacy_table, LegacyLock::none);
    inspection.legacy = legacy.text();
    inspection.legacy_version = legacy.version;
    inspection.legacy_dirty = legacy.state == Legacy::State::dirty;
    if (legacy.state == Legacy::State::clean) {
      count_as_applied(listing.migrations, *legacy.version, reading.applied);
    }
  }
  inspection.entries = compare(
      listing.migrations, reading.applied,
      options.verify_checksums ? PlanPolicy::Checksums::verify : PlanPolicy::Checksums::ignore);
  if (!listing.migrations.empty()) {
    inspection.known_max = std::ranges::max(listing.migrations, {}, &Migration::version).version;
  }
  inspection.state = state_of(inspection);
  return inspection;
}

std::string Inspection::line() const {
  std::string details;
  if (legacy_dirty) details = legacy;
  for (const auto shown : {Entry::State::unknown, Entry::State::renamed, Entry::State::edited,
                           Entry::State::in_progress, Entry::State::pending}) {
    const std::string versions = versions_in(entries, shown);
    if (versions.empty()) continue;
    details += fmt::format("{}{} [{}]", details.empty() ? "" : ", ", to_string(shown), versions);
  }
  if (state == State::compatible) details = fmt::format("{} applied", entries.size());
  std::string name = is_in_progress(*this) ? "could not tell" : to_string(state);
  std::ranges::replace(name, '-', ' ');
  return name + ": " + details;
}

Check check(const Inspection& inspection) {
  const auto state = is_in_progress(inspection) ? Check::State::could_not_tell
                                                : static_cast<Check::State>(inspection.state);
  return {.state = state, .line = inspection.line(), .exit_code = static_cast<int>(state)};
}

Check check(const WithSession& with_session, const Listing& listing,
            const TrackerOptions& options) {
  try {
    refuse_problems(listing);
    Inspection seen;
    with_session([&](Session& session) { seen = inspect(session, listing, options); });
    return check(seen);
  } catch (const Error& error) {
    return could_not_tell(error.message(), error.what());
  } catch (const std::exception& error) {
    return could_not_tell(error.what(), error.what());
  }
}

Check check(SessionSource& sessions, const Listing& listing, const TrackerOptions& options) {
  return check([&](const auto& read) { read(*sessions.acquire(session_patience)); }, listing,
               options);
}

std::string to_string(Inspection::State state) {
  switch (state) {
    case Inspection::State::compatible:
      return "compatible";
    case Inspection::State::migrations_needed:
      return "migrations-needed";
    case Inspection::State::incompatible:
      return "incompatible";
  }
  return "";
}

}  // namespace gauntlet::runner
