#include "harness/oracle/causes.h"

#include "harness/oracle/advisory_locks.h"
#include "harness/oracle/effects.h"
#include "harness/sql/text.h"
#include "runner/sql/lexer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::SessionId;
using core::Severity;

core::Finding warning(std::string id, std::string message, std::string fix) {
  return {.id = std::move(id),
          .message = std::move(message),
          .fix = std::move(fix),
          .severity = Severity::warning};
}

/// The words of a text in upper case, comments left out, one blank between two.
std::string words_of_sql(std::string_view sql) {
  std::string words = " ";
  runner::Lexer lexer(sql);
  while (const auto token = lexer.next())
    if (token->kind != runner::Token::Kind::comment) words += runner::upper(token->text) + " ";
  return words;
}

/// Does the text give its transaction one snapshot for all its statements?
bool keeps_one_snapshot(const std::string& words) {
  const bool sets_level = words.find(" ISOLATION LEVEL ") != std::string::npos;
  return sets_level && (words.find(" REPEATABLE READ ") != std::string::npos ||
                        words.find(" SERIALIZABLE ") != std::string::npos);
}

/// The first lock that was taken inside a transaction whose snapshot was older.
std::optional<core::Finding> old_snapshot(const Observation& observation, const LockStory& story) {
  const core::History& history = observation.history;
  std::map<SessionId, bool> has_snapshot;  // its open transaction keeps one
  std::set<std::size_t> locks;
  for (const Holding& holding : story.holdings) locks.insert(holding.step);
  for (std::size_t step = 0; step < history.steps.size(); ++step) {
    const core::StepRecord& record = history.steps[step];
    bool& keeps = has_snapshot[record.step.session];
    const std::string words = words_of_sql(sent(record));
    keeps = keeps || keeps_one_snapshot(words);
    if (keeps && locks.contains(step))
      return warning(
          "snapshot-older-than-lock",
          fmt::format("{} takes the lock inside a transaction that reads by one "
                      "snapshot ({}); that snapshot is taken before the lock is granted, "
                      "so what the last holder recorded is not seen",
                      name_of(history, record.step.session), sql::one_line(sent(record))),
          "take the lock before the transaction begins, or begin it as READ COMMITTED");
    if (record.reply && !record.reply->in_transaction) keeps = false;
  }
  return std::nullopt;
}

/// Until when the server kept the lock. A session that only ends keeps its lock until then, also
/// while its last statement runs.
std::size_t kept_until(const core::History& history, const Holding& holding) {
  if (holding.end != Holding::End::session_ended && holding.end != Holding::End::open)
    return holding.until;
  for (std::size_t at = holding.from; at < history.events.size(); ++at) {
    const core::Event& event = history.events[at];
    if (event.kind == core::Event::Kind::closed && event.replica == holding.session.replica &&
        event.session == holding.session.number)
      return at;
  }
  return history.events.size();
}

bool holds_one(const core::History& history, const LockStory& story, std::size_t replica,
               std::size_t at) {
  return std::ranges::any_of(story.holdings, [&](const Holding& holding) {
    return holding.session.replica == replica && holding.from < at &&
           at <= kept_until(history, holding);
  });
}

bool had_one(const LockStory& story, std::size_t replica, std::size_t at) {
  return std::ranges::any_of(story.holdings, [&](const Holding& holding) {
    return holding.session.replica == replica && holding.from < at;
  });
}

/// The first body that a replica sent while it no longer held the lock that it had taken.
std::optional<core::Finding> outside_the_lock(const Observation& observation,
                                              const FileStatements& statements,
                                              const LockStory& story) {
  const core::History& history = observation.history;
  const auto let_go = let_go_positions(history);
  std::set<std::size_t> locking_steps;
  for (const Holding& holding : story.holdings) locking_steps.insert(holding.step);
  for (const FileStatement& each : statements.all()) {
    const auto at = let_go[each.step];
    if (!at || locking_steps.contains(each.step)) continue;
    const std::size_t replica = each.session.replica;
    if (holds_one(history, story, replica, *at) || !had_one(story, replica, *at)) continue;
    return warning("bodies-outside-the-lock",
                   fmt::format("{} sent {} at {}, after the replica had given its lock up",
                               name_of(history, each.session), observation.files[each.file].name,
                               moment_of(history.events[*at])),
                   "hold the lock until the last file is applied and recorded");
  }
  return std::nullopt;
}

/// Two replicas that both ran a file and have no key in common.
std::optional<core::Finding> different_keys(const FileStatements& statements,
                                            const LockStory& story) {
  std::map<std::size_t, std::set<std::string>> keys;  // by replica
  for (const Holding& holding : story.holdings) keys[holding.session.replica].insert(holding.key);
  std::set<std::size_t> runners;
  for (const FileStatement& each : statements.all()) runners.insert(each.session.replica);
  for (const auto& [first, its] : keys) {
    for (const auto& [second, others] : keys) {
      if (second <= first || !runners.contains(first) || !runners.contains(second)) continue;
      if (std::ranges::any_of(its, [&](const auto& key) { return others.contains(key); })) continue;
      return warning("different-keys",
                     fmt::format("replica {} locks {} and replica {} locks {}: neither keeps the "
                                 "other out",
                                 first, *its.begin(), second, *others.begin()),
                     "derive the key from the tracker's name alone, so that every replica and "
                     "every release computes the same");
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<core::Finding> causes_in(const Observation& observation) {
  const LockStory story = lock_story(observation.history);
  std::vector<core::Finding> causes;
  if (story.holdings.empty()) return causes;
  const FileStatements statements(observation.history, observation.files);
  for (auto& cause :
       {old_snapshot(observation, story), outside_the_lock(observation, statements, story),
        different_keys(statements, story)})
    if (cause) causes.push_back(*cause);
  return causes;
}

}  // namespace gauntlet::oracle
