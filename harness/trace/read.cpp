#include "harness/trace/answers.h"
#include "harness/trace/lock_use.h"
#include "harness/trace/trace.h"
#include "harness/trace/tracker_use.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

#include <fmt/format.h>

namespace gauntlet::trace {
namespace {

using core::Event;
using std::chrono::microseconds;
using Verb = Statement::Verb;

/// In the order in which they matter: a step that does several is called by the first.
constexpr std::array by_weight = {Role::body,  Role::lock,      Role::record, Role::unlock,
                                  Role::look,  Role::bootstrap, Role::commit, Role::rollback,
                                  Role::begin, Role::prepare,   Role::other};

bool is_about(const std::vector<std::string>& tables, const std::string& tracker) {
  return std::any_of(tables.begin(), tables.end(), [&](const std::string& table) {
    return !tracker.empty() && sql::bare(table) == sql::bare(tracker);
  });
}

Role role_of(const Statement& statement, bool is_body, const std::string& tracker) {
  if (is_body) return Role::body;
  if (takes_lock(statement, tracker)) return Role::lock;
  if (gives_back(statement)) return Role::unlock;
  if (is_about(statement.writes, tracker)) return Role::record;
  if (is_about(statement.defines, tracker)) return Role::bootstrap;
  if (is_about(statement.reads, tracker)) return Role::look;
  if (statement.verb == Verb::begin) return Role::begin;
  if (statement.verb == Verb::commit) return Role::commit;
  if (statement.verb == Verb::rollback) return Role::rollback;
  return Role::other;
}

/// One run, read.
class Run {
 public:
  Run(const core::History& history, const std::vector<ReadStep>& steps,
      const std::vector<Source>& sources, const std::string& tracker)
      : history_(history), steps_(steps), sources_(sources), tracker_(tracker) {}

  TracedRun read() {
    read_times();
    for (std::size_t step = 0; step < steps_.size(); ++step) read_step(step);
    run_.locks = locks_of(history_, steps_, tracker_);
    count_migrations();
    for (const Event& event : history_.events) read_event(event);
    if (!history_.outputs.empty()) run_.output = history_.outputs.front();
    return std::move(run_);
  }

 private:
  void read_times() {
    for (const Event& event : history_.events) {
      if (!event.step) continue;
      if (event.kind == Event::Kind::asked) asked_[*event.step] = event.at;
      if (event.kind == Event::Kind::answered) answered_[*event.step] = event.at;
    }
  }

  void read_step(std::size_t number) {
    const ReadStep& step = steps_[number];
    const core::StepRecord& record = *step.record;
    const bool prepares = record.step.kind == core::Step::Kind::prepare;
    TracedStep traced{.session = record.step.session.number, .asked = asked_[number]};
    traced.answered = answered_.contains(number) ? answered_[number] : traced.asked;
    for (std::size_t i = 0; i < step.statements.size(); ++i) {
      const Role role = prepares
                            ? Role::prepare
                            : role_of(step.statements[i], step.bodies[i].has_value(), tracker_);
      traced.statements.push_back({.role = role,
                                   .text = step.statements[i].text,
                                   .migration = migration_of(step, i, role)});
      if (prepares) continue;
      ++run_.statements;
      run_.looks += role == Role::look ? 1 : 0;
      run_.records += role == Role::record ? 1 : 0;
      run_.bodies += role == Role::body ? 1 : 0;
    }
    for (const auto& parameter : record.step.parameters)
      traced.parameters.push_back(parameter.value_or("NULL"));
    read_outcome(record, traced);
    count_transaction(record);
    run_.steps.push_back(std::move(traced));
  }

  std::optional<std::size_t> migration_of(const ReadStep& step, std::size_t i, Role role) const {
    if (step.bodies[i]) return step.bodies[i];
    if (role != Role::record) return std::nullopt;
    const auto named = named_in(step.statements[i], step.record->step, sources_);
    return named.empty() ? std::nullopt : std::optional(named.front());
  }

  static void read_outcome(const core::StepRecord& record, TracedStep& traced) {
    if (!record.reply) return;
    const core::Reply& reply = *record.reply;
    traced.failed = reply.ending != core::Reply::Ending::answered;
    traced.leaves_open = reply.in_transaction;
    if (reply.ending == core::Reply::Ending::lost)
      traced.outcome = "lost";
    else if (traced.failed)
      traced.outcome = fmt::format("{} {}", reply.sqlstate, reply.message);
    else if (!reply.statements.empty())
      traced.outcome = reply.statements.back().tag;
  }

  /// One that was open after a step, and is not after a later one of its session.
  void count_transaction(const core::StepRecord& record) {
    if (!record.reply) return;
    const bool was = open_[record.step.session];
    const bool is = record.reply->in_transaction;
    open_[record.step.session] = is;
    const bool inside_one_message =
        !was && !is &&
        std::any_of(record.reply->statements.begin(), record.reply->statements.end(),
                    [](const auto& reply) { return reply.tag == "COMMIT"; });
    if ((was && !is) || inside_one_message) ++run_.transactions;
  }

  /// A migration's round trips: from the end of the one before it to its own last step.
  void count_migrations() {
    std::set<std::size_t> ran;  // migrations of which a body was seen
    for (const ReadStep& step : steps_)
      for (const auto& body : step.bodies)
        if (body) ran.insert(*body);
    std::map<std::size_t, std::size_t> first, last;  // by migration: steps
    for (std::size_t step = 0; step < run_.steps.size(); ++step)
      for (const auto& statement : run_.steps[step].statements)
        if (statement.migration && ran.contains(*statement.migration)) {
          first.try_emplace(*statement.migration, step);
          last[*statement.migration] = step;
        }
    std::vector<std::pair<std::size_t, std::size_t>> ends;  // last step, migration
    ends.reserve(last.size());
    for (const auto& [migration, step] : last) ends.emplace_back(step, migration);
    std::sort(ends.begin(), ends.end());
    std::size_t begin = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      auto [end, migration] = ends[i];
      if (i == 0) begin = with_begin(first[migration]);
      if (end + 1 < run_.steps.size() && run_.steps[end + 1].role() == Role::commit) ++end;
      const std::size_t trips = end >= begin ? end - begin + 1 : 0;
      run_.migrations.push_back({.migration = migration, .round_trips = trips});
      begin = end + 1;
    }
  }

  std::size_t with_begin(std::size_t step) const {
    return step > 0 && run_.steps[step - 1].role() == Role::begin ? step - 1 : step;
  }

  void read_event(const Event& event) {
    switch (event.kind) {
      case Event::Kind::opened:
        ++run_.sessions;
        break;
      case Event::Kind::exited:
      case Event::Kind::killed:
        run_.took = event.at - began_;
        run_.exit = event.exit_code ? fmt::format("exit {}", *event.exit_code)
                                    : fmt::format("killed by signal {}", event.signal.value_or(0));
        break;
      case Event::Kind::released:
        began_ = event.at;
        break;
      case Event::Kind::noted:
        run_.notes.push_back(event.text);
        break;
      default:
        break;
    }
  }

  const core::History& history_;
  const std::vector<ReadStep>& steps_;
  const std::vector<Source>& sources_;
  const std::string& tracker_;
  std::map<std::size_t, microseconds> asked_, answered_;
  std::map<core::SessionId, bool> open_;
  microseconds began_{0};
  TracedRun run_;
};

}  // namespace

std::string_view to_string(Sureness sureness) {
  constexpr std::string_view words[] = {"certain", "likely", "guess"};
  return words[static_cast<std::size_t>(sureness)];
}

std::string_view to_string(Role role) {
  constexpr std::string_view words[] = {"begin",  "commit",  "rollback", "lock",
                                        "unlock", "look",    "record",   "bootstrap",
                                        "body",   "prepare", "other"};
  return words[static_cast<std::size_t>(role)];
}

std::string_view to_string(TracedLock::Form form) {
  constexpr std::string_view words[] = {"session advisory lock", "transaction advisory lock",
                                        "table lock on", "row locks on", "lock row in"};
  return words[static_cast<std::size_t>(form)];
}

Role TracedStep::role() const {
  for (const Role role : by_weight)
    if (has(role)) return role;
  return Role::other;
}

bool TracedStep::has(Role role) const {
  return std::any_of(statements.begin(), statements.end(),
                     [role](const TracedStatement& each) { return each.role == role; });
}

std::size_t TracedRun::writes() const {
  constexpr std::array<std::string_view, 7> words = {"INSERT ", "UPDATE ", "DELETE ", "CREATE ",
                                                     "ALTER ",  "DROP ",   "COPY "};
  std::size_t count = 0;
  for (const TracedStep& step : steps)
    for (const TracedStatement& statement : step.statements)
      if (statement.role != Role::prepare &&
          std::any_of(words.begin(), words.end(), [&](std::string_view word) {
            return statement.text.size() > word.size() &&
                   std::equal(word.begin(), word.end(), statement.text.begin(), [](char a, char b) {
                     return a == std::toupper(static_cast<unsigned char>(b));
                   });
          }))
        ++count;
  return count;
}

Trace read(const core::History& pending, const core::History& idle, std::vector<Source> sources) {
  Trace trace{.sources = std::move(sources)};
  const auto first = read_steps(pending, trace.sources);
  const auto second = read_steps(idle, trace.sources);
  trace.tracker = tracker_of(first, trace.sources);
  trace.first = Run(pending, first, trace.sources, trace.tracker.table).read();
  trace.second = Run(idle, second, trace.sources, trace.tracker.table).read();
  trace.answers = answers_of(trace);
  return trace;
}

}  // namespace gauntlet::trace
