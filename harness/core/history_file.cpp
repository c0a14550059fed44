#include "harness/core/history_file.h"

#include "runner/values/error.h"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gauntlet::core {

namespace {

using nlohmann::json;

constexpr int schema = 1;

constexpr std::array event_kinds = {Event::Kind::started,
                                    Event::Kind::released,
                                    Event::Kind::exited,
                                    Event::Kind::killed,
                                    Event::Kind::opened,
                                    Event::Kind::asked,
                                    Event::Kind::let_go,
                                    Event::Kind::answered,
                                    Event::Kind::closed,
                                    Event::Kind::noted,
                                    Event::Kind::foreign_lock_taken,
                                    Event::Kind::foreign_lock_released,
                                    Event::Kind::writers_released};
constexpr std::array step_kinds = {Step::Kind::message, Step::Kind::query, Step::Kind::prepare,
                                   Step::Kind::wait};
constexpr std::array rulings = {Ruling::What::proceed,     Ruling::What::rewrite,
                                Ruling::What::answer,      Ruling::What::refuse,
                                Ruling::What::lose_before, Ruling::What::lose_after,
                                Ruling::What::die_before,  Ruling::What::die_after};
constexpr std::array endings = {Reply::Ending::answered, Reply::Ending::refused,
                                Reply::Ending::lost};

template <typename Value>
void put(json& object, const char* key, const std::optional<Value>& value) {
  if (value) object[key] = *value;
}

template <typename Value>
std::optional<Value> take(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::nullopt;
  return found->get<Value>();
}

template <typename Values>
typename Values::value_type word_of(const Values& values, const json& object, const char* key) {
  const auto word = object.at(key).get<std::string>();
  for (const auto value : values)
    if (to_string(value) == word) return value;
  throw runner::Error("bad-history", fmt::format("`{}` is no {} of a history", word, key));
}

json nullable(const std::vector<std::optional<std::string>>& values) {
  json list = json::array();
  for (const auto& value : values) list.push_back(value ? json(*value) : json());
  return list;
}

json written(const Event& event) {
  json object = {{"kind", to_string(event.kind)},
                 {"replica", event.replica},
                 {"session", event.session},
                 {"at", event.at.count()}};
  put(object, "exit_code", event.exit_code);
  put(object, "signal", event.signal);
  put(object, "backend_pid", event.backend_pid);
  put(object, "step", event.step);
  if (!event.text.empty()) object["text"] = event.text;
  return object;
}

Event read_event(const json& object) {
  return {.kind = word_of(event_kinds, object, "kind"),
          .replica = object.at("replica").get<std::size_t>(),
          .at = std::chrono::microseconds(object.at("at").get<std::int64_t>()),
          .exit_code = take<int>(object, "exit_code"),
          .signal = take<int>(object, "signal"),
          .session = object.at("session").get<std::size_t>(),
          .backend_pid = take<int>(object, "backend_pid"),
          .step = take<std::size_t>(object, "step"),
          .text = object.value("text", "")};
}

json written(const Reply& reply) {
  json statements = json::array();
  for (const StatementReply& statement : reply.statements) {
    json object = {{"tag", statement.tag}, {"rows", statement.rows}};
    put(object, "value", statement.value);
    statements.push_back(std::move(object));
  }
  return {{"ending", to_string(reply.ending)},
          {"statements", std::move(statements)},
          {"sqlstate", reply.sqlstate},
          {"message", reply.message},
          {"in_transaction", reply.in_transaction}};
}

Reply read_reply(const json& object) {
  Reply reply{.ending = word_of(endings, object, "ending"),
              .sqlstate = object.at("sqlstate").get<std::string>(),
              .message = object.at("message").get<std::string>(),
              .in_transaction = object.at("in_transaction").get<bool>()};
  for (const json& statement : object.at("statements")) {
    reply.statements.push_back({.tag = statement.at("tag").get<std::string>(),
                                .rows = statement.at("rows").get<std::size_t>(),
                                .value = take<std::string>(statement, "value")});
  }
  return reply;
}

json written(const StepRecord& record) {
  json object = {{"replica", record.step.session.replica},
                 {"session", record.step.session.number},
                 {"index", record.step.index},
                 {"kind", to_string(record.step.kind)},
                 {"sql", record.step.sql},
                 {"parameters", nullable(record.step.parameters)},
                 {"ruling", to_string(record.ruling.what)},
                 {"ruling_text", record.ruling.text},
                 {"ruling_sqlstate", record.ruling.sqlstate}};
  if (record.reply) object["reply"] = written(*record.reply);
  return object;
}

StepRecord read_step(const json& object) {
  StepRecord record{.step = {.session = {.replica = object.at("replica").get<std::size_t>(),
                                         .number = object.at("session").get<std::size_t>()},
                             .index = object.at("index").get<std::size_t>(),
                             .kind = word_of(step_kinds, object, "kind"),
                             .sql = object.at("sql").get<std::string>()},
                    .ruling = {.what = word_of(rulings, object, "ruling"),
                               .text = object.at("ruling_text").get<std::string>(),
                               .sqlstate = object.at("ruling_sqlstate").get<std::string>()}};
  for (const json& value : object.at("parameters")) {
    record.step.parameters.push_back(value.is_null() ? std::nullopt
                                                     : std::optional(value.get<std::string>()));
  }
  if (const auto reply = object.find("reply"); reply != object.end()) {
    record.reply = read_reply(*reply);
  }
  return record;
}

json written(const SessionWait& wait) {
  return {{"backend_pid", wait.backend_pid}, {"wait_event_type", wait.wait_event_type},
          {"wait_event", wait.wait_event},   {"state", wait.state},
          {"statement", wait.statement},     {"blocked_by", wait.blocked_by}};
}

SessionWait read_wait(const json& object) {
  return {.backend_pid = object.at("backend_pid").get<int>(),
          .wait_event_type = object.at("wait_event_type").get<std::string>(),
          .wait_event = object.at("wait_event").get<std::string>(),
          .state = object.at("state").get<std::string>(),
          .statement = object.at("statement").get<std::string>(),
          .blocked_by = object.at("blocked_by").get<std::vector<int>>()};
}

bool is_of_a_step(const Event& event) {
  return event.kind == Event::Kind::asked || event.kind == Event::Kind::let_go ||
         event.kind == Event::Kind::answered;
}

void refuse_loose_ends(const History& history) {
  for (const Event& event : history.events) {
    if (is_of_a_step(event) && !event.step) {
      throw runner::Error("bad-history",
                          fmt::format("an event `{}` names no step", to_string(event.kind)));
    }
    if (event.step && *event.step >= history.steps.size()) {
      throw runner::Error("bad-history", fmt::format("an event names step {} of {}", *event.step,
                                                     history.steps.size()));
    }
  }
}

}  // namespace

std::string saved(const History& history) {
  json object = {{"schema", schema}, {"replicas", history.replicas}};
  put(object, "sessions_at_the_door", history.sessions_at_the_door);
  object["events"] = object["steps"] = object["outputs"] = json::array();
  for (const Event& event : history.events) object["events"].push_back(written(event));
  for (const StepRecord& step : history.steps) object["steps"].push_back(written(step));
  for (const SessionWait& wait : history.waits) object["waits"].push_back(written(wait));
  for (const ReplicaOutput& output : history.outputs) {
    object["outputs"].push_back({{"out", output.out}, {"err", output.err}});
  }
  return object.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

History read_history(std::string_view text) {
  try {
    const json object = json::parse(text);
    if (object.at("schema") != schema) {
      throw runner::Error("bad-history", "the history has a schema that is not known here");
    }
    History history{.replicas = object.at("replicas").get<std::size_t>(),
                    .sessions_at_the_door = take<std::size_t>(object, "sessions_at_the_door")};
    for (const json& event : object.at("events")) history.events.push_back(read_event(event));
    for (const json& step : object.at("steps")) history.steps.push_back(read_step(step));
    for (const json& output : object.at("outputs")) {
      history.outputs.push_back(
          {.out = output.at("out").get<std::string>(), .err = output.at("err").get<std::string>()});
    }
    for (const json& wait : object.value("waits", json::array()))
      history.waits.push_back(read_wait(wait));
    refuse_loose_ends(history);
    return history;
  } catch (const json::exception& error) {
    throw runner::Error("bad-history", fmt::format("this is no saved history: {}", error.what()));
  }
}

}  // namespace gauntlet::core
