#include "runner/program/output.h"

#include "runner/values/visible_text.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gauntlet::runner {

namespace {

using Json = nlohmann::ordered_json;

// A name in a database need not be UTF-8, and no output may fail for it.
std::string dump(const Json& json) {
  return visible_json(json.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json json_of(const Entry& entry) {
  Json json{{"version", entry.version.number},
            {"name", entry.name},
            {"state", to_string(entry.state)},
            {"applied_at", text_or_null(entry.applied_at)},
            {"checksum", text_or_null(entry.recorded_checksum)}};
  if (entry.state == Entry::State::renamed) json["recorded_name"] = entry.recorded_name;
  if (!entry.progress.empty()) json["progress"] = entry.progress;
  return json;
}

Json json_of(const std::optional<LockHolder>& holder) {
  if (!holder) return nullptr;
  return {{"pid", holder->pid},
          {"application", holder->application},
          {"address", holder->address},
          {"since", holder->since},
          {"state", holder->state},
          {"statement", holder->statement},
          {"file", text_or_null(holder->file)}};
}

Json json_of(const Error& error) {
  return {{"code", error.code()},
          {"message", error.message()},
          {"where", error.where()},
          {"fix", error.fix()}};
}

std::string_view word_of(Delivery delivery) {
  switch (delivery) {
    case Delivery::in_transaction:
      return "in a transaction";
    case Delivery::by_statement:
      return "statement by statement, outside a transaction";
    case Delivery::whole_file:
      return "as one message, outside a transaction of ours";
  }
  return "";
}

std::string note_of(const Entry& entry) {
  if (entry.state == Entry::State::renamed) return "applied as " + entry.recorded_name;
  return entry.progress.empty() ? entry.applied_at : entry.progress;
}

Json directed(Json event, Direction direction) {
  if (direction == Direction::down) event["direction"] = "down";
  return event;
}

Json json_of_event(const Event& event) {
  struct Visitor {
    Json operator()(const RunStarted& started) const {
      return directed({{"event", "run-started"}, {"pending", started.pending}}, started.direction);
    }
    Json operator()(const Waiting& waiting) const {
      return {{"event", "waiting"},
              {"holder", waiting.holder},
              {"seconds", static_cast<double>(waiting.since.count()) / 1e3}};
    }
    Json operator()(const MigrationStarted& started) const {
      return {{"event", "migration-started"},
              {"version", started.version.number},
              {"name", started.name},
              {"number", started.number},
              {"count", started.count}};
    }
    Json operator()(const MigrationFinished& finished) const {
      return directed({{"event", "migration-finished"},
                       {"version", finished.version.number},
                       {"name", finished.name},
                       {"seconds", static_cast<double>(finished.took.count()) / 1e6}},
                      finished.direction);
    }
    Json operator()(const Warned& warned) const {
      return {{"event", "warning"}, {"message", warned.text}};
    }
    Json operator()(const LockRetried& retried) const {
      return {{"event", "lock-retry"},
              {"version", retried.version.number},
              {"name", retried.name},
              {"attempt", retried.attempt},
              {"attempts_max", retried.attempts_max},
              {"pause_seconds", static_cast<double>(retried.pause.count()) / 1e3},
              {"holders", retried.holders}};
    }
    Json operator()(const Noticed& noticed) const {
      return {{"event", "notice"},
              {"version", noticed.version.number},
              {"name", noticed.name},
              {"severity", noticed.said.severity},
              {"sqlstate", noticed.said.sqlstate},
              {"message", noticed.said.message},
              {"detail", noticed.said.detail},
              {"hint", noticed.said.hint}};
    }
    Json operator()(const RunFinished& finished) const {
      const char* count = finished.direction == Direction::up ? "applied" : "rolled_back";
      return directed({{"event", "run-finished"},
                       {count, finished.applied},
                       {"seconds", static_cast<double>(finished.took.count()) / 1e6}},
                      finished.direction);
    }
  };
  return std::visit(Visitor{}, event);
}

}  // namespace

std::string status_text(const Inspection& inspection, const std::optional<LockHolder>& holder) {
  std::size_t widest = 4;
  for (const Entry& entry : inspection.entries) {
    widest = std::max(widest, one_line_text(entry.name).size());
  }
  std::string text;
  for (const Entry& entry : inspection.entries) {
    const std::string line =
        fmt::format("{:>8}  {:<{}}  {:<11}  {}", entry.version.number, one_line_text(entry.name),
                    widest, to_string(entry.state), one_line_text(note_of(entry)));
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  if (!inspection.legacy.empty()) text += "predecessor: " + inspection.legacy + "\n";
  if (holder) {
    text += holder->file.empty() ? "migration lock held by " : "writer: ";
    text += holder->text() + "\n";
  }
  return text + inspection.line() + "\n";
}

std::string status_json(const Inspection& inspection, const std::optional<LockHolder>& holder) {
  Json entries = Json::array();
  for (const Entry& entry : inspection.entries) entries.push_back(json_of(entry));
  return dump(
      {{"schema", 1},
       {"state", to_string(inspection.state)},
       {"known_max", inspection.known_max ? Json(inspection.known_max->number) : Json(nullptr)},
       {"migrations", entries},
       {"tracker", inspection.tracker},
       {"legacy", text_or_null(inspection.legacy)},
       {"lock_holder", json_of(holder)}});
}

std::string check_json(const Inspection& inspection) {
  const Check judged = check(inspection);
  Json versions = Json::object();
  for (const Entry& entry : inspection.entries) {
    if (entry.state != Entry::State::applied) {
      versions[to_string(entry.state)].push_back(entry.version.number);
    }
  }
  return dump({{"schema", 1},
               {"state", to_string(inspection.state)},
               {"line", judged.line},
               {"exit_code", judged.exit_code},
               {"versions", versions}});
}

std::string plan_text(const Preview& preview) {
  std::string text;
  for (const auto& [migration, delivery] : preview.pending) {
    text += fmt::format("{}  {}\n", one_line_text(to_string(*migration)), word_of(delivery));
  }
  for (const Error& problem : preview.problems) text += std::string(problem.what()) + "\n";
  return text +
         fmt::format("{} pending, {} problems\n", preview.pending.size(), preview.problems.size());
}

std::string plan_json(const Preview& preview) {
  Json pending = Json::array();
  for (const auto& [migration, delivery] : preview.pending) {
    pending.push_back({{"version", migration->version.number},
                       {"name", migration->name},
                       {"file", migration->up.file.string()},
                       {"transaction", delivery == Delivery::in_transaction},
                       {"checksum", text_or_null(migration->checksum().value_or(""))}});
  }
  Json problems = Json::array();
  for (const Error& problem : preview.problems) problems.push_back(json_of(problem));
  return dump({{"schema", 1}, {"pending", pending}, {"problems", problems}});
}

std::string event_json(const Event& event) { return dump(json_of_event(event)); }

std::string running_json(const MigrationStarted& migration, std::chrono::milliseconds elapsed) {
  return dump({{"event", "migration-running"},
               {"version", migration.version.number},
               {"name", migration.name},
               {"seconds", static_cast<double>(elapsed.count()) / 1e3}});
}

std::string failure_json(const Error& error) {
  return dump({{"schema", 1}, {"error", json_of(error)}});
}

std::string error_json(const Error& error) {
  Json json{{"event", "error"}};
  json.update(json_of(error));
  return dump(json);
}

}  // namespace gauntlet::runner
