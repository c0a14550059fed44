// Whoever reports success has nothing of its release pending: what starts after it relies on that.
//
// A statement that nobody had sent before proves, once it is let go, that its migration was pending
// until then. What is under way may be committed already, and what is sent again may have been
// applied before: neither proves anything.
#include "harness/oracle/effects.h"
#include "harness/oracle/judges.h"
#include "harness/sql/text.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::Event;
using core::Reply;
using core::Ruling;
using core::StepRecord;

/// A statement of a pending migration.
struct Statement {
  std::string text;  ///< without blanks
  std::int64_t version = 0;
};

/// The first sending of one.
struct Sending {
  core::SessionId session = {};
  std::string sql = {};
};

/// Up to a position in the events a migration was pending for certain.
struct Pending {
  std::size_t until = 0;
  std::int64_t version = 0;
  std::optional<Sending> sending = {};  ///< which came then; else recording was held back till then
};

std::vector<Statement> statements_of(const std::map<std::int64_t, std::string>& migrations) {
  std::vector<Statement> all;
  for (const auto& [version, body] : migrations) {
    for (const runner::Statement& statement : runner::split(body).statements)
      all.push_back({.text = sql::without_blanks(statement.sql), .version = version});
  }
  return all;
}

bool crosses(const Ruling& ruling) {
  switch (ruling.what) {
    case Ruling::What::proceed:
    case Ruling::What::rewrite:
    case Ruling::What::lose_after:
    case Ruling::What::die_after:
      return true;
    case Ruling::What::answer:
    case Ruling::What::refuse:
    case Ruling::What::lose_before:
    case Ruling::What::die_before:
      return false;
  }
  return true;
}

/// Of what was refused nothing stays but what had been committed by then.
bool may_stay(const StepRecord& record) {
  if (!crosses(record.ruling)) return false;
  if (!record.reply || record.reply->ending != Reply::Ending::refused) return true;
  return std::ranges::any_of(record.reply->statements,
                             [](const auto& statement) { return statement.tag == "COMMIT"; });
}

/// What the pending migrations say and nobody has sent yet.
class Unsent {
 public:
  explicit Unsent(const std::map<std::int64_t, std::string>& pending)
      : statements_(statements_of(pending)) {}

  /// Takes out what `text` holds, if only as a part of something else. The last of them that is a
  /// statement of `text`, if any is.
  std::optional<Pending> take(std::string_view text) {
    const std::string plain = sql::without_blanks(text);
    const auto held = std::stable_partition(
        statements_.begin(), statements_.end(), [&](const Statement& statement) {
          return plain.find(statement.text) == std::string::npos;
        });
    if (held == statements_.end()) return std::nullopt;
    std::optional<Pending> last;
    for (const runner::Statement& sent : runner::split(text).statements) {
      const auto same = std::find_if(held, statements_.end(), [&](const Statement& statement) {
        return statement.text == sql::without_blanks(sent.sql);
      });
      if (same != statements_.end())
        last = {.version = same->version, .sending = Sending{.sql = std::string(sent.sql)}};
    }
    statements_.erase(held, statements_.end());
    return last;
  }

 private:
  std::vector<Statement> statements_;
};

/// By the last statement of all that was sent for the first time; nullopt where none was seen.
std::optional<Pending> pending_by_sendings(const Observation& observation) {
  const core::History& history = observation.history;
  Unsent unsent(observation.pending);
  std::optional<Pending> last;
  for (std::size_t at = 0; at < history.events.size(); ++at) {
    const Event& event = history.events[at];
    const bool goes = event.kind == Event::Kind::let_go && event.step;
    if (!goes || *event.step >= history.steps.size()) continue;
    const StepRecord& record = history.steps[*event.step];
    if (!may_stay(record)) continue;
    if (auto pending = unsent.take(sent(record))) {
      last = std::move(pending);
      last->until = at;
      last->sending->session = record.step.session;
    }
  }
  return last;
}

std::optional<Pending> pending_for_certain(const Observation& observation) {
  if (observation.recording_held_until) {
    return Pending{.until = *observation.recording_held_until,
                   .version = observation.pending.begin()->first};
  }
  return pending_by_sendings(observation);
}

std::string what_came_then(const core::History& history, const Pending& pending) {
  const std::string when = moment_of(history.events[pending.until]);
  if (!pending.sending) return fmt::format("nobody could record anything before {}", when);
  return fmt::format("{} was the first to send {} at {}",
                     name_of(history, pending.sending->session),
                     sql::one_line(pending.sending->sql), when);
}

core::Finding too_early(const core::History& history, const std::vector<const Event*>& ends,
                        const Pending& pending) {
  const Event& first = **std::ranges::min_element(ends, {}, &Event::replica);
  return {
      .id = "success-too-early",
      .message = fmt::format(
          "{} of {} replicas ended with exit 0 while migration {} was pending: replica {} at {}, "
          "and {}; what starts once its replica has succeeded meets a schema that is not there yet",
          ends.size(), history.replicas, pending.version, first.replica, moment_of(first),
          what_came_then(history, pending)),
      .where = {.version = pending.version},
      .fix =
          "where another replica has the lock, wait until it is free and look again, or end with "
          "a code that no deploy takes for success"};
}

}  // namespace

core::Judgement success_means_done(const Observation& observation) {
  const core::History& history = observation.history;
  if (history.replicas == 0) return core::unknown("no replica was started");
  if (observation.pending.empty()) return core::unknown("no migration was known to be pending");
  const auto pending = pending_for_certain(observation);
  if (!pending) return core::unknown("no statement of a pending migration was seen");
  std::vector<const Event*> ends, other_ends;
  for (std::size_t at = 0; at < pending->until; ++at) {
    const Event& event = history.events[at];
    const bool of_release = event.replica < observation.appliers.value_or(history.replicas);
    if (event.kind != Event::Kind::exited || !event.exit_code || !of_release) continue;
    if (pending->sending && event.replica == pending->sending->session.replica) continue;
    if (*event.exit_code == 0) {
      ends.push_back(&event);
    } else if (std::ranges::count(observation.success_codes, *event.exit_code) > 0) {
      other_ends.push_back(&event);
    }
  }
  core::Judgement judgement = core::judged({});
  if (!ends.empty()) judgement = core::judged({too_early(history, ends, *pending)});
  if (!other_ends.empty()) {
    judgement.reason = fmt::format(
        "{} of {} replicas left while migration {} was pending, replica {} with exit {}: only its "
        "runner knows whether that code promises more than that another one is at it",
        other_ends.size(), history.replicas, pending->version, other_ends.front()->replica,
        *other_ends.front()->exit_code);
  }
  return judgement;
}

}  // namespace gauntlet::oracle
