#include "harness/sql/statement.h"

#include "harness/sql/tokens.h"
#include "runner/sql/statement_postgres.h"

#include <array>
#include <optional>

namespace gauntlet::sql {
namespace {

using runner::is_word;
using runner::Token;
using Tokens = std::vector<Token>;
using Verb = Statement::Verb;

bool says(const Tokens& tokens, std::size_t at, std::string_view word) {
  return at < tokens.size() && is_word(tokens[at], word);
}
bool is_symbol(const Tokens& tokens, std::size_t at, char symbol) {
  return at < tokens.size() && sql::is_symbol(tokens[at], symbol);
}
bool is_name(const Tokens& tokens, std::size_t at) {
  return at < tokens.size() &&
         (tokens[at].kind == Token::Kind::word || tokens[at].kind == Token::Kind::quoted);
}

/// The table named at `at`, which is moved past it; nullopt for a sub-select or a function.
std::optional<std::string> table_at(const Tokens& tokens, std::size_t& at) {
  for (const char* word : {"ONLY", "TABLE", "LATERAL"})
    if (says(tokens, at, word)) ++at;
  if (says(tokens, at, "IF")) {
    at += says(tokens, at + 1, "NOT") ? 3U : 2U;
  }
  if (!is_name(tokens, at)) return std::nullopt;
  std::string name = identifier_of(tokens[at++]);
  while (is_symbol(tokens, at, '.') && is_name(tokens, at + 1)) {
    name += "." + identifier_of(tokens[at + 1]);
    at += 2;
  }
  return name;
}

Verb verb_of(const Tokens& tokens) {
  struct Word {
    std::string_view word;
    Verb verb;
  };
  constexpr std::array<Word, 22> words = {
      {{"SELECT", Verb::read},    {"TABLE", Verb::read},        {"WITH", Verb::read},
       {"VALUES", Verb::read},    {"INSERT", Verb::insert},     {"COPY", Verb::insert},
       {"UPDATE", Verb::update},  {"DELETE", Verb::remove},     {"TRUNCATE", Verb::remove},
       {"CREATE", Verb::define},  {"ALTER", Verb::define},      {"DROP", Verb::define},
       {"COMMENT", Verb::define}, {"GRANT", Verb::define},      {"REVOKE", Verb::define},
       {"BEGIN", Verb::begin},    {"START", Verb::begin},       {"COMMIT", Verb::commit},
       {"END", Verb::commit},     {"ROLLBACK", Verb::rollback}, {"ABORT", Verb::rollback},
       {"LOCK", Verb::lock}}};
  for (const Word& each : words) {
    if (!says(tokens, 0, each.word)) continue;
    const bool savepoint =
        each.verb == Verb::rollback && (says(tokens, 1, "TO") || says(tokens, 2, "TO"));
    return savepoint ? Verb::other : each.verb;
  }
  return Verb::other;
}

class Reading {
 public:
  explicit Reading(std::string_view sql) : tokens_(tokens_of(sql)) {
    told_.verb = verb_of(tokens_);
    for (const Token& token : tokens_) {
      const bool apart = !told_.text.empty() && token.offset > end_;
      told_.text += (apart ? " " : "") + std::string(token.text);
      end_ = token.end();
    }
  }

  Statement read() {
    for (at_ = 0; at_ < tokens_.size();) {
      const std::size_t here = at_;
      look_at();
      if (at_ == here) ++at_;
    }
    if (told_.verb == Verb::lock) read_lock();
    return std::move(told_);
  }

 private:
  bool says(std::size_t at, std::string_view word) const { return sql::says(tokens_, at, word); }

  void look_at() {
    if (says(at_, "FOR") && at_ > 0) return look_at_row_lock();
    const bool after_do_or_on = at_ > 0 && (says(at_ - 1, "DO") || says(at_ - 1, "ON"));
    if (says(at_, "UPDATE") && !after_do_or_on) return take(told_.writes, 1);
    if (says(at_, "INTO")) return take(told_.writes, 1);
    if (says(at_, "DELETE") && says(at_ + 1, "FROM")) return take(told_.writes, 2);
    if (says(at_, "TRUNCATE") || (at_ == 0 && says(at_, "COPY"))) return take(told_.writes, 1);
    if (says(at_, "FROM") || says(at_, "JOIN")) return take_all(told_.reads);
    const bool defines = told_.verb == Verb::define && at_ <= 3;
    if (defines && says(at_, "TABLE")) return take(told_.defines, 1);
    if (at_ == 0 && says(at_, "LOCK")) return take(told_.writes, 1);
  }

  void look_at_row_lock() {
    std::size_t at = at_ + 1;
    if (says(at, "NO")) at += 2;
    if (says(at, "KEY")) ++at;
    if (!says(at, "UPDATE") && !says(at, "SHARE")) return;
    told_.lock_mode = says(at, "UPDATE") ? "FOR UPDATE" : "FOR SHARE";
    if (says(at + 1, "NOWAIT") || says(at + 1, "SKIP")) told_.waits = false;
    at_ = at + 1;
  }

  void take(std::vector<std::string>& tables, std::size_t words) {
    at_ += words;
    if (auto table = table_at(tokens_, at_)) tables.push_back(*std::move(table));
  }

  /// `FROM a x, b`: the aliases are passed over.
  void take_all(std::vector<std::string>& tables) {
    do {
      ++at_;
      auto table = table_at(tokens_, at_);
      if (!table || is_symbol(tokens_, at_, '(')) return;
      tables.push_back(*std::move(table));
      if (says(at_, "AS")) ++at_;
      if (is_name(tokens_, at_) && is_symbol(tokens_, at_ + 1, ',')) ++at_;
    } while (is_symbol(tokens_, at_, ','));
  }

  void read_lock() {
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      if (says(at, "NOWAIT")) told_.waits = false;
      if (!says(at, "IN")) continue;
      for (++at; at < tokens_.size() && !says(at, "MODE"); ++at)
        told_.lock_mode += (told_.lock_mode.empty() ? "" : " ") + runner::upper(tokens_[at].text);
    }
    if (told_.lock_mode.empty()) told_.lock_mode = "ACCESS EXCLUSIVE";
  }

  Tokens tokens_;
  std::size_t at_ = 0, end_ = 0;
  Statement told_;
};

}  // namespace

std::vector<Statement> statements_of(std::string_view sql) {
  std::vector<Statement> statements;
  for (const auto& statement : runner::split(sql).statements) {
    statements.push_back(Reading(statement.sql).read());
  }
  return statements;
}

std::string bare(std::string_view table) {
  const std::size_t dot = table.rfind('.');
  return std::string(dot == std::string_view::npos ? table : table.substr(dot + 1));
}

}  // namespace gauntlet::sql
