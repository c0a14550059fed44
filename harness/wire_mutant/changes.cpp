#include "harness/wire_mutant/changes.h"

#include "harness/sql/control.h"
#include "harness/sql/hidden_table.h"
#include "harness/sql/lock_edits.h"
#include "harness/sql/statement.h"
#include "harness/sql/tokens.h"

#include <algorithm>
#include <vector>

namespace gauntlet::wire_mutant {

namespace {

using core::Ruling;
using sql::Statement;

std::optional<Ruling> rewritten(std::string text, const std::string& was) {
  if (text == was) return std::nullopt;
  return Ruling{.what = Ruling::What::rewrite, .text = std::move(text)};
}

/// The tag of a statement that takes a lock row, where the step is nothing else.
std::optional<std::string> lock_row_tag(const core::Step& step, const Known& known) {
  if (step.kind == core::Step::Kind::prepare) return std::nullopt;
  const auto statements = sql::statements_of(step.sql);
  if (statements.size() != 1 || statements.front().writes.empty()) return std::nullopt;
  const Statement& statement = statements.front();
  if (!known.lock_tables.contains(sql::bare(statement.writes.front()))) return std::nullopt;
  if (sql::has_words(step.sql, {"RETURNING"})) return std::nullopt;
  if (statement.verb == Statement::Verb::insert) return "INSERT 0 1";
  if (statement.verb == Statement::Verb::update) return "UPDATE 1";
  if (statement.verb == Statement::Verb::remove) return "DELETE 1";
  return std::nullopt;
}

bool locks_only_rows_of_files(const Statement& statement, const Known& known) {
  return !statement.reads.empty() &&
         std::ranges::all_of(statement.reads, [&](const std::string& table) {
           return known.tables_of_files.contains(sql::bare(table));
         });
}

std::optional<Ruling> without_locks(const core::Step& step, const Known& known) {
  if (const auto tag = lock_row_tag(step, known))
    return Ruling{.what = Ruling::What::answer, .text = *tag};
  std::string text = step.sql;
  if (const auto shared = sql::with_shared_advisory_locks(text)) text = shared->sql;
  if (const auto weak = sql::with_weak_table_locks(text)) text = weak->sql;
  const bool is_a_files = std::ranges::any_of(sql::statements_of(text), [&](const auto& each) {
    return locks_only_rows_of_files(each, known);
  });
  if (const auto unlocked = sql::without_row_locks(text); unlocked && !is_a_files)
    text = unlocked->sql;
  return rewritten(std::move(text), step.sql);
}

bool has_control(const std::vector<Statement>& statements) {
  return std::ranges::any_of(statements, [](const Statement& statement) {
    return sql::control_tag(statement).has_value();
  });
}

/// Of a message with several statements, which the server runs as one transaction: each is
/// committed by itself. A COMMIT stands in the place of each BEGIN, so that a client that counts
/// replies is content; without a transaction the server only warns of it. A batch of the extended
/// protocol has no text to put a COMMIT into: its statements run one by one.
std::optional<Ruling> each_committed(std::string_view sql) {
  Ruling ruling{.what = Ruling::What::rewrite, .separately = true};
  const auto tokens = sql::tokens_of(sql);
  bool is_committed = true;
  for (const auto [first, last] : sql::statement_tokens(tokens)) {
    const std::size_t from = tokens[first].offset;
    const std::string text(sql.substr(from, tokens[last - 1].end() - from));
    const auto statements = sql::statements_of(text);
    const auto tag = statements.empty() ? std::nullopt : sql::control_tag(statements.front());
    if (tag) ruling.told_open = *tag == "BEGIN";
    if (!tag && !is_committed) ruling.text += "COMMIT;\n";
    ruling.text += (tag ? "COMMIT" : text) + ";\n";
    is_committed = tag.has_value();
  }
  return ruling.told_open ? std::optional(ruling) : std::nullopt;
}

std::optional<Ruling> without_transaction(const core::Step& step) {
  if (step.kind == core::Step::Kind::prepare) return std::nullopt;
  const auto statements = sql::statements_of(step.sql);
  if (statements.size() > 1 && step.kind == core::Step::Kind::message)
    return each_committed(step.sql);
  if (statements.size() != 1) return std::nullopt;
  const auto tag = sql::control_tag(statements.front());
  if (!tag) return std::nullopt;
  return Ruling{.what = Ruling::What::answer, .text = *tag};
}

}  // namespace

int salt_of(core::SessionId session) {
  constexpr int sessions_max = 1'000;
  return static_cast<int>(session.replica + 1) * sessions_max + static_cast<int>(session.number);
}

std::optional<std::string> with_tracker_hidden(std::string_view sql, std::string_view tracker) {
  return sql::with_table_hidden(sql, tracker);
}

std::optional<Ruling> change(Kind kind, const core::Step& step, const Known& known, int salt) {
  switch (kind) {
    case Kind::lock_is_noop:
      return without_locks(step, known);
    case Kind::key_per_connection:
      if (const auto keyed = sql::with_other_advisory_keys(step.sql, salt))
        return rewritten(keyed->sql, step.sql);
      return std::nullopt;
    case Kind::unlock_is_noop:
      if (const auto kept = sql::with_kept_advisory_locks(step.sql))
        return rewritten(kept->sql, step.sql);
      return std::nullopt;
    case Kind::begin_commit_dropped:
      return without_transaction(step);
    case Kind::tracker_row_hidden:
      if (known.tracker.empty()) return std::nullopt;
      if (auto hidden = with_tracker_hidden(step.sql, known.tracker))
        return rewritten(*std::move(hidden), step.sql);
      return std::nullopt;
    case Kind::tracker_constraint_dropped:
      break;
  }
  return std::nullopt;
}

std::string obstacle(Kind kind, const core::Step& step) {
  if (kind != Kind::begin_commit_dropped || step.kind == core::Step::Kind::prepare) return {};
  if (step.kind == core::Step::Kind::message) return {};
  const auto statements = sql::statements_of(step.sql);
  if (statements.size() < 2 || !has_control(statements)) return {};
  return "BEGIN or COMMIT is sent in one batch of the extended protocol with other statements, "
         "which the server runs as one transaction anyway";
}

}  // namespace gauntlet::wire_mutant
