#include "harness/oracle/advisory_locks.h"

#include "harness/oracle/effects.h"
#include "harness/sql/advisory_calls.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace gauntlet::oracle {

namespace {

using core::Event;
using core::Reply;
using core::SessionId;
using sql::AdvisoryCall;

// The first call in a statement: the reply's one value is about that. Shared locks keep nobody out.
std::optional<AdvisoryCall> call_in(std::string_view statement) {
  for (AdvisoryCall& call : sql::advisory_calls(statement))
    if (!call.shared()) return std::move(call);
  return std::nullopt;
}

bool mentions_locks(std::string_view sql) {
  constexpr std::string_view words[] = {"ADVISORY", "DISCARD"};
  const auto same = [](char a, char b) { return a == b || (a >= 'a' && a - ('a' - 'A') == b); };
  return std::any_of(std::begin(words), std::end(words), [&](std::string_view word) {
    return std::search(sql.begin(), sql.end(), word.begin(), word.end(), same) != sql.end();
  });
}

// A boolean as text, as a cast writes it, or as an integer.
bool is_true(const core::StatementReply& reply) {
  return reply.value == "t" || reply.value == "true" || reply.value == "1";
}

class Reading {
 public:
  explicit Reading(const core::History& history)
      : history_(history), let_go_(let_go_positions(history)) {}

  LockStory read() {
    for (std::size_t at = 0; at < history_.events.size(); ++at) read_event(at);
    return std::move(story_);
  }

 private:
  void read_event(std::size_t at) {
    const Event& event = history_.events[at];
    const SessionId session{.replica = event.replica, .number = event.session};
    switch (event.kind) {
      case Event::Kind::answered:
        if (event.step && *event.step < history_.steps.size()) read_answer(at, *event.step);
        break;
      case Event::Kind::closed:
        end_session(session);
        break;
      case Event::Kind::exited:
      case Event::Kind::killed:
        for (const auto& [holder, locks] : open_)
          if (holder.replica == event.replica) end_session(holder);
        break;
      default:
        break;
    }
  }

  void read_answer(std::size_t at, std::size_t step) {
    const core::StepRecord& record = history_.steps[step];
    const SessionId session = record.step.session;
    const std::size_t asked = let_go_[step].value_or(at);
    const bool lost = !record.reply || record.reply->ending == Reply::Ending::lost;
    if (mentions_locks(record.step.sql)) read_calls(at, step, lost);
    if (lost) return end_session(session);
    alive_[session] = asked;
    if (record.reply->in_transaction) return;
    end_all(open_[session].of_transaction, asked, Holding::End::transaction_ended);
  }

  void read_calls(std::size_t at, std::size_t step, bool lost) {
    const core::StepRecord& record = history_.steps[step];
    if (record.step.kind == core::Step::Kind::prepare) return;  // told a text, asked for nothing
    // What the replica asked for: a fault may take the lock away and leave it in that belief.
    const auto statements = runner::split(record.step.sql).statements;
    const bool rewritten = record.ruling.what == core::Ruling::What::rewrite;
    if (rewritten && runner::split(sent(record)).statements.size() != statements.size()) return;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const auto call = call_in(statements[i].sql);
      if (!call) continue;
      const bool completed = !lost && i < record.reply->statements.size();
      if (completed) {
        take_in(*call, at, step, record.reply->statements[i]);
      } else if (call->releases() && !call->releases_all()) {
        add_unlock(key_of(*call, step), step,
                   lost ? Unlock::Answer::lost : Unlock::Answer::refused);
      }
    }
  }

  std::string key_of(const AdvisoryCall& call, std::size_t step) const {
    return call.key(history_.steps[step].step.parameters);
  }

  void take_in(const AdvisoryCall& call, std::size_t at, std::size_t step,
               const core::StatementReply& reply) {
    const SessionId session = history_.steps[step].step.session;
    const std::size_t asked = let_go_[step].value_or(at);
    if (call.releases_all())
      return end_all(open_[session].of_session, asked, Holding::End::unlocked);
    if (reply.rows == 0) return;  // it was not called at all
    if (call.releases()) {
      add_unlock(key_of(call, step), step,
                 is_true(reply) ? Unlock::Answer::done : Unlock::Answer::not_held);
      return end_last(session, key_of(call, step), asked);
    }
    if (call.tries() && !is_true(reply)) return;
    Open& open = open_[session];
    (call.until_commit() ? open.of_transaction : open.of_session).push_back(story_.holdings.size());
    story_.holdings.push_back({.session = session,
                               .key = key_of(call, step),
                               .step = step,
                               .from = at,
                               .until = history_.events.size()});
  }

  void add_unlock(std::string key, std::size_t step, Unlock::Answer answer) {
    story_.unlocks.push_back({.session = history_.steps[step].step.session,
                              .key = std::move(key),
                              .step = step,
                              .answer = answer});
  }

  static void end(Holding& holding, std::size_t until, Holding::End how) {
    holding.until = std::max(holding.from, until);
    holding.end = how;
  }

  // Session locks count how often they were taken: one unlock ends one.
  void end_last(SessionId session, const std::string& key, std::size_t until) {
    std::vector<std::size_t>& open = open_[session].of_session;
    const auto last = std::find_if(open.rbegin(), open.rend(), [&](std::size_t holding) {
      return story_.holdings[holding].key == key;
    });
    if (last == open.rend()) return;
    end(story_.holdings[*last], until, Holding::End::unlocked);
    open.erase(std::next(last).base());
  }

  void end_all(std::vector<std::size_t>& open, std::size_t until, Holding::End how) {
    for (const std::size_t holding : open) end(story_.holdings[holding], until, how);
    open.clear();
  }

  void end_session(SessionId session) {
    const auto alive = alive_.find(session);
    const std::size_t until = alive == alive_.end() ? 0 : alive->second;
    end_all(open_[session].of_session, until, Holding::End::session_ended);
    end_all(open_[session].of_transaction, until, Holding::End::session_ended);
  }

  /// The session's holdings that have not ended, by position, oldest first.
  struct Open {
    std::vector<std::size_t> of_session = {}, of_transaction = {};
  };

  const core::History& history_;
  const std::vector<std::optional<std::size_t>> let_go_;
  std::map<SessionId, std::size_t> alive_;  // where its last answered step was let go
  std::map<SessionId, Open> open_;
  LockStory story_;
};

}  // namespace

LockStory lock_story(const core::History& history) { return Reading(history).read(); }

}  // namespace gauntlet::oracle
