// Nobody gives its lock back while what it wrote under it is not committed: the next holder reads
// the tracker without it. One run alone shows that, whatever a race makes of it.
#include "harness/oracle/advisory_locks.h"
#include "harness/oracle/effects.h"
#include "harness/oracle/judges.h"
#include "harness/sql/statement.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::SessionId;
using core::StepRecord;

/// The open transaction of a session.
struct OpenTransaction {
  std::string wrote = {};            ///< its first write; empty: none yet
  bool locks_more = false;           ///< a table, or rows, that keep others out until it commits
  std::optional<Unlock> early = {};  ///< the first unlock after its first write
};

/// LOCK TABLE, SELECT … FOR UPDATE.
bool locks_a_relation(std::string_view sql) {
  const std::vector<sql::Statement> statements = sql::statements_of(sql);
  return std::ranges::any_of(statements,
                             [](const sql::Statement& each) { return !each.lock_mode.empty(); });
}

bool says_commit(const StepRecord& record) {
  return record.reply && std::ranges::any_of(record.reply->statements, [](const auto& statement) {
           return statement.tag == "COMMIT";
         });
}

class EarlyUnlocks {
 public:
  explicit EarlyUnlocks(const core::History& history)
      : history_(history), let_go_(let_go_positions(history)), story_(lock_story(history)) {}

  core::Judgement judge() {
    if (story_.unlocks.empty()) return {};
    for (std::size_t step = 0; step < history_.steps.size(); ++step) read(step);
    return findings_.empty() ? core::Judgement{} : core::judged(std::move(findings_));
  }

 private:
  void read(std::size_t step) {
    const StepRecord& record = history_.steps[step];
    if (!record.reply || record.step.kind == core::Step::Kind::prepare) return;
    const SessionId session = record.step.session;
    for (const Unlock& unlock : story_.unlocks)
      if (unlock.step == step && unlock.answer == Unlock::Answer::done) note_unlock(unlock, record);
    if (!record.reply->in_transaction) return end(session, record);
    OpenTransaction& open = open_[session];
    open.locks_more = open.locks_more || locks_a_relation(sent(record));
    if (open.wrote.empty()) open.wrote = first_write(record).value_or("");
  }

  /// A COMMIT in the same message leaves nothing open that could be seen.
  void note_unlock(const Unlock& unlock, const StepRecord& record) {
    if (says_commit(record) || holds_another(unlock)) return;
    for (auto& [session, open] : open_) {
      const bool is_its = session.replica == unlock.session.replica;
      if (is_its && !open.wrote.empty() && !open.early) open.early = unlock;
    }
  }

  /// It may have taken its lock twice, or another that lasts until the commit.
  bool holds_another(const Unlock& unlock) const {
    const std::size_t at = let_go_[unlock.step].value_or(0);
    return std::ranges::any_of(story_.holdings, [&](const Holding& holding) {
      return holding.session.replica == unlock.session.replica && holding.from < at &&
             holding.until > at;
    });
  }

  void end(SessionId session, const StepRecord& record) {
    const auto open = open_.find(session);
    if (open == open_.end()) return;
    const OpenTransaction ended = open->second;
    open_.erase(open);
    if (!ended.early || ended.locks_more || !says_commit(record) || !findings_.empty()) return;
    findings_.push_back(
        {.id = "unlocked-before-commit",
         .message = fmt::format(
             "{} gives the lock {} back while {} has not committed yet what it wrote ({}): a "
             "replica that waits for the lock goes on at once and does not see it",
             name_of(history_, ended.early->session), ended.early->key,
             ended.early->session == session ? "it" : name_of(history_, session), ended.wrote),
         .fix = "unlock after COMMIT, or take the lock with pg_advisory_xact_lock inside that "
                "transaction"});
  }

  const core::History& history_;
  const std::vector<std::optional<std::size_t>> let_go_;
  const LockStory story_;
  std::map<SessionId, OpenTransaction> open_;
  std::vector<core::Finding> findings_;
};

}  // namespace

core::Judgement unlocked_before_commit(const Observation& observation) {
  return EarlyUnlocks(observation.history).judge();
}

}  // namespace gauntlet::oracle
