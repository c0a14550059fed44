#include "harness/oracle/advisory_locks.h"

#include "harness/oracle/effects.h"
#include "runner/sql/lexer.h"
#include "runner/sql/statement.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

namespace gauntlet::oracle {

namespace {

using core::Event;
using core::Reply;
using core::SessionId;
using runner::Token;

struct Call {
  enum class What { take, try_take, unlock, unlock_all };
  What what = What::take;
  bool of_transaction = false;
  std::string key = {};
};

std::optional<Call> call_named(const Token& token) {
  if (token.kind != Token::Kind::word) return std::nullopt;
  const std::string name = runner::upper(token.text);
  if (name == "PG_ADVISORY_LOCK") return Call{.what = Call::What::take};
  if (name == "PG_TRY_ADVISORY_LOCK") return Call{.what = Call::What::try_take};
  if (name == "PG_ADVISORY_XACT_LOCK") {
    return Call{.what = Call::What::take, .of_transaction = true};
  }
  if (name == "PG_TRY_ADVISORY_XACT_LOCK") {
    return Call{.what = Call::What::try_take, .of_transaction = true};
  }
  if (name == "PG_ADVISORY_UNLOCK") return Call{.what = Call::What::unlock};
  if (name == "PG_ADVISORY_UNLOCK_ALL") return Call{.what = Call::What::unlock_all};
  return std::nullopt;
}

// `$2` becomes what was bound to it.
std::string with_parameter(std::string_view text,
                           const std::vector<std::optional<std::string>>& parameters) {
  if (text.starts_with('$')) {
    std::size_t number = 0;
    std::from_chars(text.data() + 1, text.data() + text.size(), number);
    if (number >= 1 && number <= parameters.size()) {
      return parameters[number - 1].value_or("null");
    }
  }
  return std::string(text);
}

// The text between the brackets that come next.
std::string arguments(runner::Lexer& lexer,
                      const std::vector<std::optional<std::string>>& parameters) {
  std::string text;
  std::size_t depth = 0;
  while (const auto token = lexer.next()) {
    if (token->kind == Token::Kind::comment) continue;
    if (token->text == ")" && --depth == 0) break;
    if (depth > 0) text += with_parameter(token->text, parameters);
    if (token->text == "(") ++depth;
    if (depth == 0) break;
  }
  return text;
}

// The first call in a statement: the reply's one value is about that.
std::optional<Call> call_in(std::string_view statement,
                            const std::vector<std::optional<std::string>>& parameters) {
  runner::Lexer lexer(statement);
  bool discards = false;
  while (const auto token = lexer.next()) {
    if (discards && runner::is_word(*token, "ALL")) return Call{.what = Call::What::unlock_all};
    if (token->kind != Token::Kind::comment) discards = runner::is_word(*token, "DISCARD");
    if (auto call = call_named(*token)) {
      call->key = arguments(lexer, parameters);
      return call;
    }
  }
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
        for (const Holding& holding : story_.holdings) {
          if (holding.session.replica == event.replica) end_session(holding.session);
        }
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
    end_all(session, asked, Holding::End::transaction_ended,
            [this](const Holding& holding) { return is_of_transaction(holding); });
  }

  void read_calls(std::size_t at, std::size_t step, bool lost) {
    const core::StepRecord& record = history_.steps[step];
    // What the replica asked for: a fault may take the lock away and leave it in that belief.
    const auto statements = runner::split(record.step.sql).statements;
    const bool rewritten = record.ruling.what == core::Ruling::What::rewrite;
    if (rewritten && runner::split(sent(record)).statements.size() != statements.size()) return;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const auto call = call_in(statements[i].sql, record.step.parameters);
      if (!call) continue;
      const bool completed = !lost && i < record.reply->statements.size();
      if (completed) {
        take_in(*call, at, step, record.reply->statements[i]);
      } else if (call->what == Call::What::unlock) {
        add_unlock(*call, step, lost ? Unlock::Answer::lost : Unlock::Answer::refused);
      }
    }
  }

  void take_in(const Call& call, std::size_t at, std::size_t step,
               const core::StatementReply& reply) {
    const SessionId session = history_.steps[step].step.session;
    const std::size_t asked = let_go_[step].value_or(at);
    switch (call.what) {
      case Call::What::take:
      case Call::What::try_take:
        if (reply.rows == 0 || (call.what == Call::What::try_take && !is_true(reply))) return;
        of_transaction_.push_back(call.of_transaction);
        story_.holdings.push_back({.session = session,
                                   .key = call.key,
                                   .step = step,
                                   .from = at,
                                   .until = history_.events.size()});
        return;
      case Call::What::unlock:
        if (reply.rows == 0) return;  // it was not called at all
        add_unlock(call, step, is_true(reply) ? Unlock::Answer::done : Unlock::Answer::not_held);
        end_last(session, call.key, asked);
        return;
      case Call::What::unlock_all:
        end_all(session, asked, Holding::End::unlocked,
                [this](const Holding& holding) { return !is_of_transaction(holding); });
        return;
    }
  }

  void add_unlock(const Call& call, std::size_t step, Unlock::Answer answer) {
    story_.unlocks.push_back({.session = history_.steps[step].step.session,
                              .key = call.key,
                              .step = step,
                              .answer = answer});
  }

  bool is_of_transaction(const Holding& holding) const {
    return of_transaction_[static_cast<std::size_t>(&holding - story_.holdings.data())];
  }

  static void end(Holding& holding, std::size_t until, Holding::End how) {
    holding.until = std::max(holding.from, until);
    holding.end = how;
  }

  // Session locks count how often they were taken: one unlock ends one.
  void end_last(SessionId session, const std::string& key, std::size_t until) {
    const auto last =
        std::find_if(story_.holdings.rbegin(), story_.holdings.rend(), [&](const Holding& holding) {
          return holding.session == session && holding.key == key &&
                 holding.end == Holding::End::open && !is_of_transaction(holding);
        });
    if (last != story_.holdings.rend()) end(*last, until, Holding::End::unlocked);
  }

  template <typename Which>
  void end_all(SessionId session, std::size_t until, Holding::End how, const Which& which) {
    for (Holding& holding : story_.holdings) {
      if (holding.session == session && holding.end == Holding::End::open && which(holding)) {
        end(holding, until, how);
      }
    }
  }

  void end_session(SessionId session) {
    const auto alive = alive_.find(session);
    end_all(session, alive == alive_.end() ? 0 : alive->second, Holding::End::session_ended,
            [](const Holding&) { return true; });
  }

  const core::History& history_;
  const std::vector<std::optional<std::size_t>> let_go_;
  std::map<SessionId, std::size_t> alive_;  // where its last answered step was let go
  std::vector<bool> of_transaction_;        // by holding
  LockStory story_;
};

}  // namespace

LockStory lock_story(const core::History& history) { return Reading(history).read(); }

}  // namespace gauntlet::oracle
