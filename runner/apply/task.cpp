#include "runner/apply/task.h"

namespace gauntlet::runner {

namespace {

const Script* script_of(const Task& task) {
  if (task.direction == Direction::up) return &task.migration->up;
  return task.migration->down ? &*task.migration->down : nullptr;
}

}  // namespace

std::string_view Task::sql() const {
  const Script* script = script_of(*this);
  return script == nullptr ? std::string_view() : script->sql();
}

const Code& Task::code() const {
  return direction == Direction::up ? migration->up_code : migration->down_code;
}

std::optional<std::string> Task::checksum() const {
  const Script* script = script_of(*this);
  if (code() || script == nullptr) return std::nullopt;
  return script->checksum;
}

std::string Task::where() const {
  const Script* script = script_of(*this);
  return script == nullptr || script->file.empty() ? "code in the program" : script->file.string();
}

std::string Task::where(Place place) const { return place_text(where(), place); }

std::string Task::name() const {
  return (direction == Direction::up ? "migration " : "down migration ") + to_string(*migration);
}

std::string Task::what_remains() const {
  return direction == Direction::up ? "nothing of it remains"
                                    : "nothing was undone, and the migration stays applied";
}

std::string Task::command() const { return "gauntlet-migrate " + to_string(direction); }

}  // namespace gauntlet::runner
