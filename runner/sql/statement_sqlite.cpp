#include "runner/sql/statement_sqlite.h"

#include "runner/sql/lexer.h"
#include "runner/sql/lexer_sqlite.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace gauntlet::runner {

namespace {

// Whether a semicolon ends the statement: the states of sqlite3_complete().
class StatementEnd {
 public:
  void pass(const std::string& word) {
    switch (state_) {
      case State::start:
        state_ = word == "EXPLAIN"  ? State::explain
                 : word == "CREATE" ? State::create
                                    : State::other;
        break;
      case State::explain:
        if (word == "CREATE") state_ = State::create;
        if (is_keyword(word) && word != "CREATE") state_ = State::other;
        break;
      case State::create:
        if (word == "TRIGGER") state_ = State::trigger;
        if (word != "TRIGGER" && word != "TEMP" && word != "TEMPORARY") state_ = State::other;
        break;
      case State::trigger_semicolon:
        state_ = word == "END" ? State::trigger_end : State::trigger;
        break;
      case State::trigger_end:
        state_ = State::trigger;
        break;
      case State::trigger:
      case State::other:
        break;
    }
  }

  bool ends_at_semicolon() {
    const bool inside = state_ == State::trigger || state_ == State::trigger_semicolon;
    state_ = inside ? State::trigger_semicolon : State::start;
    return !inside;
  }

 private:
  static bool is_keyword(const std::string& word) {
    return word == "EXPLAIN" || word == "CREATE" || word == "TEMP" || word == "TEMPORARY" ||
           word == "TRIGGER" || word == "END";
  }

  enum class State { start, explain, create, trigger, trigger_semicolon, trigger_end, other };
  State state_ = State::start;
};

// The first words in upper case; a quoted name without its quotes, a symbol as it is.
std::vector<std::string> first_words(std::string_view statement, std::size_t count) {
  std::vector<std::string> words;
  SqliteLexer lexer(statement);
  for (auto token = lexer.next(); token && words.size() < count; token = lexer.next()) {
    std::string_view text = statement.substr(token->offset, token->end - token->offset);
    if (token->kind == SqliteToken::Kind::quoted) text = text.substr(1, text.size() - 2);
    words.push_back(upper(text));
  }
  words.resize(count);
  return words;
}

// Walks over the words of a statement.
class SqliteWords {
 public:
  explicit SqliteWords(std::string_view statement) : statement_(statement), lexer_(statement) {
    next();
  }

  bool at(std::string_view keyword) const {
    return token_ && token_->kind == SqliteToken::Kind::word && upper(text()) == keyword;
  }
  bool pass(std::string_view keyword) {
    const bool found = at(keyword);
    if (found) next();
    return found;
  }

  void next() { token_ = lexer_.next(); }

  // Past the tables of a WITH, each of which stands in brackets.
  void pass_to_verb() {
    for (std::size_t depth = 0; token_; next()) {
      if (text() == "(") ++depth;
      if (text() == ")" && depth > 0) --depth;
      if (depth > 0) continue;
      if (at("INSERT") || at("REPLACE") || at("UPDATE") || at("DELETE") || at("SELECT")) return;
    }
  }

  // `table` or `schema.table`, each with or without quotes.
  std::optional<TableInStatement> table() {
    TableInStatement table{.schema = {}, .name = name()};
    if (token_ && text() == ".") {
      next();
      table.schema = std::exchange(table.name, name());
    }
    if (table.name.empty()) return std::nullopt;
    return table;
  }

 private:
  std::string_view text() const {
    return statement_.substr(token_->offset, token_->end - token_->offset);
  }

  std::string name() {
    if (!token_ || token_->kind == SqliteToken::Kind::symbol ||
        token_->kind == SqliteToken::Kind::semicolon) {
      return {};
    }
    if (token_->kind == SqliteToken::Kind::word) {
      std::string name(text());
      next();
      return name;
    }
    // A doubled quote stands for one: the lexer returns what is around it as two tokens.
    const char quote = text().back();
    std::string name(text().substr(1, text().size() - 2));
    std::size_t end = token_->end;
    for (next(); token_ && token_->offset == end && text().back() == quote; next()) {
      if (token_->kind != SqliteToken::Kind::quoted) break;
      name.append(1, quote).append(text().substr(1, text().size() - 2));
      end = token_->end;
    }
    return name;
  }

  std::string_view statement_;
  SqliteLexer lexer_;
  std::optional<SqliteToken> token_;
};

// Of a PRAGMA that is set or called.
std::optional<std::string> pragma_outside(std::vector<std::string> words) {
  if (words[2] == ".") words.erase(words.begin() + 1, words.begin() + 3);
  const std::string& name = words[1];
  constexpr std::array<std::string_view, 4> set = {"FOREIGN_KEYS", "JOURNAL_MODE", "SYNCHRONOUS",
                                                   "TEMP_STORE"};
  const bool is_set = words[2] == "=" || words[2] == "(";
  const bool outside =
      name == "WAL_CHECKPOINT" || (is_set && std::ranges::find(set, name) != set.end());
  if (!outside) return std::nullopt;
  return "PRAGMA " + lower(name);
}

}  // namespace

Split split_sqlite(std::string_view sql) {
  Split split{.by = SplitBy::scanner};
  StatementEnd end;
  std::optional<std::size_t> start;
  std::size_t last = 0;
  const auto close = [&] {
    if (start)
      split.statements.push_back({.sql = sql.substr(*start, last - *start), .offset = *start});
    start.reset();
  };
  SqliteLexer lexer(sql);
  while (const auto token = lexer.next()) {
    if (token->kind == SqliteToken::Kind::semicolon) {
      if (end.ends_at_semicolon()) {
        close();
      } else {
        last = token->end;
      }
      continue;
    }
    if (token->kind == SqliteToken::Kind::unfinished) split.by = SplitBy::neither;
    const bool word = token->kind == SqliteToken::Kind::word;
    end.pass(word ? upper(sql.substr(token->offset, token->end - token->offset)) : std::string());
    if (!start) start = token->offset;
    last = token->end;
  }
  close();
  return split;
}

std::size_t start_of_statement_sqlite(std::string_view sql) {
  SqliteLexer lexer(sql);
  auto token = lexer.next();
  while (token && token->kind == SqliteToken::Kind::semicolon) token = lexer.next();
  return token ? token->offset : sql.size();
}

StatementNeeds needs_of_sqlite(std::string_view statement) {
  const std::vector<std::string> words = first_words(statement, 5);
  StatementNeeds needs;
  if (words[0] == "BEGIN") needs.transaction_control = "BEGIN";
  if (words[0] == "COMMIT" || words[0] == "END") needs.transaction_control = "COMMIT";
  if (words[0] == "ROLLBACK") {
    needs.is_savepoint = words[1] == "TO" || (words[1] == "TRANSACTION" && words[2] == "TO");
    if (!needs.is_savepoint) needs.transaction_control = "ROLLBACK";
  }
  if (words[0] == "SAVEPOINT" || words[0] == "RELEASE") needs.is_savepoint = true;
  if (words[0] == "VACUUM") needs.no_transaction = "VACUUM";
  if (words[0] == "PRAGMA") needs.no_transaction = pragma_outside(words);
  // SQLite passes over it inside a transaction, in silence.
  if (needs.no_transaction == "PRAGMA foreign_keys") {
    needs.instead =
        "`-- gauntlet: rebuild` on the file's first line switches foreign keys off around its "
        "transaction";
  }
  return needs;
}

std::optional<TableInStatement> dropped_table(std::string_view statement) {
  SqliteWords words(statement);
  if (!words.pass("DROP") || !words.pass("TABLE")) return std::nullopt;
  if (words.pass("IF")) words.pass("EXISTS");
  return words.table();
}

std::optional<WrittenTable> written_table(std::string_view statement) {
  SqliteWords words(statement);
  if (words.at("WITH")) words.pass_to_verb();
  WrittenTable written;
  written.says_replace = words.pass("REPLACE");
  written.is_update = words.pass("UPDATE");
  if (!written.says_replace && !written.is_update && !words.pass("INSERT")) return std::nullopt;
  if (words.pass("OR")) {
    written.says_replace = words.at("REPLACE");
    words.next();  // ABORT, FAIL, IGNORE, REPLACE or ROLLBACK
  }
  if (!written.is_update && !words.pass("INTO")) return std::nullopt;
  const auto table = words.table();
  if (!table) return std::nullopt;
  written.table = *table;
  return written;
}

std::string trigger_event(std::string_view create_trigger) {
  SqliteLexer lexer(create_trigger);
  while (const auto token = lexer.next()) {
    if (token->kind != SqliteToken::Kind::word) continue;
    std::string word = upper(create_trigger.substr(token->offset, token->end - token->offset));
    // None of them can be a name without quotes.
    if (word == "INSERT" || word == "UPDATE" || word == "DELETE") return word;
  }
  return {};
}

bool sets_connection(std::string_view statement) {
  const std::string word = first_words(statement, 1)[0];
  return word == "PRAGMA" || word == "ATTACH" || word == "DETACH";
}

bool makes_temporary(std::string_view statement) {
  const std::vector<std::string> words = first_words(statement, 2);
  return words[0] == "CREATE" && (words[1] == "TEMP" || words[1] == "TEMPORARY");
}

bool is_pragma(std::string_view statement) { return first_words(statement, 1)[0] == "PRAGMA"; }

}  // namespace gauntlet::runner
