// What gauntlet-migrate prints: text for people, JSON for scripts. Values become text. Pure; any
// thread may call.
#pragma once

#include "runner/apply.h"
#include "runner/inspect.h"
#include "runner/values/lock.h"

#include <chrono>
#include <optional>
#include <string>

namespace gauntlet::runner {

/// `holder` is who has the migration lock at the moment, if anybody.
std::string status_text(const Inspection& inspection, const std::optional<LockHolder>& holder);
std::string status_json(const Inspection& inspection, const std::optional<LockHolder>& holder);
std::string check_json(const Inspection& inspection);
std::string plan_text(const Preview& preview);
std::string plan_json(const Preview& preview);

/// One line, for --jsonl.
std::string event_json(const Event& event);
std::string error_json(const Error& error);

/// For --json, in the answer's place.
std::string failure_json(const Error& error);

/// One line, for --jsonl: a migration that has been running for so long.
std::string running_json(const MigrationStarted& migration, std::chrono::milliseconds elapsed);

}  // namespace gauntlet::runner
