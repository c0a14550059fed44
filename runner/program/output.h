// What gauntlet-migrate prints: text for people, JSON for scripts. Values become text; the
// observers write to the streams. On the main thread, but for the live line's own.
#pragma once

#include "runner/apply.h"
#include "runner/inspect.h"
#include "runner/lock.h"

#include <memory>
#include <string>
#include <vector>

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

/// Prints `up`'s events as text: a line a migration to stdout, the rest to stderr; on a terminal a
/// live line shows a migration that takes long.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void operator()(const Event& event);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gauntlet::runner
