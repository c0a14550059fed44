#include "harness/oracle/file_statements.h"

#include "harness/sql/which_file.h"
#include "runner/sql/lexer.h"
#include "runner/sql/statement.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace gauntlet::oracle {

namespace {

using core::Event;
using core::Reply;
using core::SessionId;

/// First words of statements that a runner sends of its own accord.
constexpr std::array<std::string_view, 12> own_words = {
    "begin", "commit",    "rollback", "start", "end",     "abort",
    "set",   "savepoint", "release",  "reset", "discard", "show"};

bool is_own(const std::string& tokens) {
  const std::string first = runner::lower(std::string_view(tokens).substr(0, tokens.find(' ')));
  return std::ranges::find(own_words, first) != own_words.end();
}

std::vector<sql::Body> bodies_of(const std::vector<MigrationFile>& files) {
  std::vector<sql::Body> bodies;
  bodies.reserve(files.size());
  for (const MigrationFile& file : files) bodies.push_back({.name = file.name, .sql = file.sql});
  return bodies;
}

/// Statements that stand at one place of all files, and are no runner's own.
std::set<std::string> telling_statements(const sql::Bodies& bodies) {
  std::map<std::string, std::size_t> places;
  for (const sql::Bodies::Read& file : bodies.files())
    for (const std::string& statement : file.statements) ++places[statement];
  std::set<std::string> telling;
  for (const auto& [statement, count] : places)
    if (count == 1 && !is_own(statement)) telling.insert(statement);
  return telling;
}

/// What stands in the open transaction of one session.
struct Transaction {
  std::vector<std::size_t> pending = {};     ///< positions in the result
  std::vector<std::size_t> savepoints = {};  ///< how many were pending at each
};

/// Follows the transactions of all sessions.
class FateReading {
 public:
  FateReading(const core::History& history, const sql::Bodies& bodies)
      : history_(history),
        bodies_(bodies),
        origins_(sql::origins_of(history, bodies)),
        telling_(telling_statements(bodies)) {}

  std::vector<FileStatement> read() {
    for (const Event& event : history_.events) {
      const SessionId session{.replica = event.replica, .number = event.session};
      if (event.kind == Event::Kind::let_go && event.step) find_in_step(*event.step);
      if (event.kind == Event::Kind::answered && event.step) answer(*event.step);
      if (event.kind == Event::Kind::closed) end(transactions_[session], Fate::rolled_back);
      const bool ends = event.kind == Event::Kind::exited || event.kind == Event::Kind::killed;
      if (ends) end_replica(event.replica);
    }
    return std::move(all_);
  }

  std::vector<std::size_t> sizes() const {
    std::vector<std::size_t> sizes;
    for (const sql::Bodies::Read& file : bodies_.files())
      sizes.push_back(static_cast<std::size_t>(std::ranges::count_if(
          file.statements,
          [&](const std::string& statement) { return telling_.contains(statement); })));
    return sizes;
  }

 private:
  using Found = std::vector<std::optional<std::size_t>>;  // by statement, positions in the result

  void find_in_step(std::size_t step) {
    using What = core::Ruling::What;
    const core::StepRecord& record = history_.steps.at(step);
    const What what = record.ruling.what;
    const bool crosses = what != What::answer && what != What::refuse &&
                         what != What::lose_before && what != What::die_before;
    const core::Step::Kind kind = record.step.kind;
    if (!crosses || kind == core::Step::Kind::prepare || kind == core::Step::Kind::wait) return;
    Found& found = found_[step];
    for (const auto& origin : origins_.at(step)) {
      found.emplace_back();
      if (!origin || origin->statement >= bodies_.files()[origin->file].statements.size()) continue;
      const std::string& text = bodies_.files()[origin->file].statements[origin->statement];
      if (is_own(text)) continue;
      all_.push_back({.step = step,
                      .session = record.step.session,
                      .file = origin->file,
                      .statement = origin->statement,
                      .is_ambiguous = !telling_.contains(text)});
      found.back() = all_.size() - 1;
    }
  }

  void answer(std::size_t step) {
    const core::StepRecord& record = history_.steps.at(step);
    Transaction& transaction = transactions_[record.step.session];
    if (!record.reply || record.reply->ending == Reply::Ending::lost)
      return lose(step, transaction);
    const auto known = found_.find(step);
    if (known == found_.end()) return;
    const Found& found = known->second;
    const Reply& reply = *record.reply;
    const bool refused = reply.ending == Reply::Ending::refused;
    for (std::size_t i = 0; i < reply.statements.size(); ++i)
      complete(i < found.size() ? found[i] : std::nullopt, reply.statements[i].tag, record,
               transaction);
    for (std::size_t i = reply.statements.size(); i < found.size(); ++i)
      if (found[i])
        all_[*found[i]].fate =
            refused && i == reply.statements.size() ? Fate::refused : Fate::rolled_back;
    if (!reply.in_transaction) end(transaction, refused ? Fate::rolled_back : Fate::committed);
  }

  void complete(std::optional<std::size_t> found, std::string_view tag,
                const core::StepRecord& record, Transaction& transaction) {
    if (found) transaction.pending.push_back(*found);
    if (tag == "SAVEPOINT") transaction.savepoints.push_back(transaction.pending.size());
    if (tag == "COMMIT") end(transaction, Fate::committed);
    if (tag != "ROLLBACK") return;
    const bool goes_back = record.reply->in_transaction && !transaction.savepoints.empty();
    end_from(transaction, goes_back ? transaction.savepoints.back() : 0, Fate::rolled_back);
  }

  /// A reply that was lost: a COMMIT in it may have worked, and so may a statement on its own.
  void lose(std::size_t step, Transaction& transaction) {
    const bool is_alone = transaction.pending.empty();
    const bool commits =
        is_alone ||
        runner::lower(history_.steps.at(step).step.sql).find("commit") != std::string::npos;
    if (const auto known = found_.find(step); known != found_.end())
      for (const auto& found : known->second)
        if (found) transaction.pending.push_back(*found);
    end(transaction, commits ? Fate::in_doubt : Fate::rolled_back);
  }

  void end_replica(std::size_t replica) {
    for (auto& [session, transaction] : transactions_)
      if (session.replica == replica) end(transaction, Fate::rolled_back);
  }

  void end(Transaction& transaction, Fate fate) { end_from(transaction, 0, fate); }

  void end_from(Transaction& transaction, std::size_t from, Fate fate) {
    for (std::size_t at = from; at < transaction.pending.size(); ++at)
      all_[transaction.pending[at]].fate = fate;
    transaction.pending.resize(std::min(from, transaction.pending.size()));
    if (from == 0) transaction.savepoints.clear();
  }

  const core::History& history_;
  const sql::Bodies& bodies_;
  const std::vector<std::vector<std::optional<sql::Origin>>> origins_;
  const std::set<std::string> telling_;
  std::map<SessionId, Transaction> transactions_;
  std::map<std::size_t, Found> found_;  ///< by step
  std::vector<FileStatement> all_;
};

}  // namespace

FileStatements::FileStatements(const core::History& history,
                               const std::vector<MigrationFile>& files) {
  const sql::Bodies bodies(bodies_of(files));
  FateReading reading(history, bodies);
  all_ = reading.read();
  sizes_ = reading.sizes();
}

std::vector<std::size_t> FileStatements::replicas_that_committed(std::size_t file) const {
  std::map<std::size_t, std::set<std::size_t>> statements;  // by replica
  for (const FileStatement& each : all_)
    if (each.file == file && each.fate == Fate::committed && !each.is_ambiguous)
      statements[each.session.replica].insert(each.statement);
  std::vector<std::size_t> replicas;
  for (const auto& [replica, committed] : statements)
    if (committed.size() == size_of(file)) replicas.push_back(replica);
  return replicas;
}

}  // namespace gauntlet::oracle
