#include "runner/sql/lexer.h"
#include "runner/sql/parse_tree.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

// What PostgreSQL 12 to 18 refuses inside a transaction block: the callers of
// PreventInTransactionBlock() in its sources. A REINDEX of a partitioned table and a CLUSTER of one
// are refused as well, but no text tells that a table is partitioned.

namespace gauntlet::runner {
namespace {

using nlohmann::json;

/// The option `name` of a list of DefElem; null if it is not there.
const json* option(const json& options, std::string_view name) {
  for (const json& entry : options)
    if (const json& element = member(entry, "DefElem"); text(element, "defname") == name)
      return &element;
  return nullptr;
}

/// An option that is given, and not as false, off or 0.
bool is_on(const json& options, std::string_view name) {
  const json* element = option(options, name);
  if (element == nullptr) return false;
  const json& value = member(*element, "arg");
  if (value.is_null()) return true;
  const std::string word = upper(text(member(value, "String"), "sval"));
  const json& flag = member(value, "Boolean");
  if (!flag.is_null()) return is_true(flag, "boolval");
  if (const json& number = member(value, "Integer"); !number.is_null())
    return member(number, "ival").is_number() && member(number, "ival") != 0;
  return word != "FALSE" && word != "OFF" && word != "0";
}

using Words = std::optional<std::string>;

Words if_so(bool condition, const char* words) { return condition ? Words(words) : std::nullopt; }

Words reindex(const json& node) {
  const std::string kind = text(node, "kind");
  if (kind == "REINDEX_OBJECT_SCHEMA") return "REINDEX SCHEMA";
  if (kind == "REINDEX_OBJECT_DATABASE") return "REINDEX DATABASE";
  if (kind == "REINDEX_OBJECT_SYSTEM") return "REINDEX SYSTEM";
  return if_so(is_on(member(node, "params"), "concurrently"), "REINDEX CONCURRENTLY");
}

Words alter_table(const json& node) {
  for (const json& entry : member(node, "cmds")) {
    const json& command = member(entry, "AlterTableCmd");
    if (text(command, "subtype") == "AT_DetachPartition" &&
        is_true(member(member(command, "def"), "PartitionCmd"), "concurrent"))
      return "ALTER TABLE DETACH PARTITION CONCURRENTLY";
  }
  return std::nullopt;
}

Words create_subscription(const json& node) {
  const json& options = member(node, "options");
  const bool connects = option(options, "connect") == nullptr || is_on(options, "connect");
  const bool creates_slot =
      option(options, "create_slot") == nullptr ? connects : is_on(options, "create_slot");
  return if_so(creates_slot, "CREATE SUBSCRIPTION");
}

Words alter_subscription(const json& node) {
  const std::string kind = text(node, "kind");
  const json& options = member(node, "options");
  if (kind == "ALTER_SUBSCRIPTION_REFRESH") return "ALTER SUBSCRIPTION REFRESH";
  if (kind.ends_with("_PUBLICATION"))
    return if_so(option(options, "refresh") == nullptr || is_on(options, "refresh"),
                 "ALTER SUBSCRIPTION with refresh");
  return if_so(option(options, "failover") != nullptr || option(options, "two_phase") != nullptr,
               "ALTER SUBSCRIPTION SET (failover or two_phase)");
}

/// Why the server refuses `node`, a statement of this `kind`, inside a transaction block.
Words refused_in_transaction(const std::string& kind, const json& node) {
  if (kind == "IndexStmt") return if_so(is_true(node, "concurrent"), "CREATE INDEX CONCURRENTLY");
  if (kind == "DropStmt") return if_so(is_true(node, "concurrent"), "DROP INDEX CONCURRENTLY");
  if (kind == "ReindexStmt") return reindex(node);
  if (kind == "VacuumStmt") return if_so(is_true(node, "is_vacuumcmd"), "VACUUM");
  if (kind == "AlterTableStmt") return alter_table(node);
  if (kind == "ClusterStmt") return if_so(member(node, "relation").is_null(), "CLUSTER");
  if (kind == "DiscardStmt")
    return if_so(member(node, "target").is_null() || text(node, "target") == "DISCARD_ALL",
                 "DISCARD ALL");
  if (kind == "CreateSubscriptionStmt") return create_subscription(node);
  if (kind == "AlterSubscriptionStmt") return alter_subscription(node);
  if (kind == "AlterDatabaseStmt")
    return if_so(option(member(node, "options"), "tablespace") != nullptr,
                 "ALTER DATABASE SET TABLESPACE");
  static const std::array<std::pair<std::string_view, const char*>, 6> always = {
      {{"AlterSystemStmt", "ALTER SYSTEM"},
       {"CreatedbStmt", "CREATE DATABASE"},
       {"DropdbStmt", "DROP DATABASE"},
       {"CreateTableSpaceStmt", "CREATE TABLESPACE"},
       {"DropTableSpaceStmt", "DROP TABLESPACE"},
       {"DropSubscriptionStmt", "DROP SUBSCRIPTION"}}};
  for (const auto& [name, words] : always)
    if (kind == name) return words;
  return std::nullopt;
}

void read_transaction(const json& node, StatementNeeds& needs) {
  static const std::array<std::pair<std::string_view, const char*>, 7> controls = {
      {{"TRANS_STMT_BEGIN", "BEGIN"},
       {"TRANS_STMT_START", "START TRANSACTION"},
       {"TRANS_STMT_COMMIT", "COMMIT"},
       {"TRANS_STMT_ROLLBACK", "ROLLBACK"},
       {"TRANS_STMT_PREPARE", "PREPARE TRANSACTION"},
       {"TRANS_STMT_COMMIT_PREPARED", "COMMIT PREPARED"},
       {"TRANS_STMT_ROLLBACK_PREPARED", "ROLLBACK PREPARED"}}};
  const std::string kind = text(node, "kind");
  for (const auto& [name, words] : controls)
    if (kind == name) needs.transaction_control = words;
  needs.is_savepoint = !needs.transaction_control;
  if (is_true(node, "chain")) *needs.transaction_control += " AND CHAIN";
  if (kind.ends_with("_PREPARED")) needs.no_transaction = needs.transaction_control;
}

/// The body of a DO, in whatever language, says so.
bool ends_transaction(const json& do_statement) {
  const json* as = option(member(do_statement, "args"), "as");
  if (as == nullptr) return false;
  const std::string body = text(member(member(*as, "arg"), "String"), "sval");
  Lexer lexer(body);
  while (const auto token = lexer.next())
    if (is_word(*token, "COMMIT") || is_word(*token, "ROLLBACK")) return true;
  return false;
}

void read_statement(const json& statement, StatementNeeds& needs) {
  if (!statement.is_object() || statement.empty()) return;
  const std::string& kind = statement.begin().key();
  const json& node = statement.begin().value();
  if (kind == "TransactionStmt") return read_transaction(node, needs);
  if (kind == "CopyStmt")
    needs.copies_from_stdin =
        is_true(node, "is_from") && text(node, "filename").empty() && !is_true(node, "is_program");
  needs.no_transaction = refused_in_transaction(kind, node);
  needs.may_end_transaction = kind == "CallStmt" || (kind == "DoStmt" && ends_transaction(node));
}

/// The first words of a statement that the grammar refused, told apart as the grammar would.
class FirstWords {
 public:
  explicit FirstWords(std::string_view statement) {
    Lexer lexer(statement);
    while (const auto token = lexer.next()) {
      if (token->kind == Token::Kind::comment) continue;
      words_.push_back(token->kind == Token::Kind::word || token->kind == Token::Kind::symbol
                           ? upper(token->text)
                           : std::string());
      if (words_.size() == words_max) break;
    }
  }

  bool start(std::initializer_list<std::string_view> words) const {
    std::size_t at = 0;
    for (const auto word : words)
      if (word_at(at++) != word) return false;
    return true;
  }

  bool hold(std::string_view word) const { return place_of(word) < words_.size(); }

  /// `first` and, directly after it, `second`.
  bool hold(std::string_view first, std::string_view second) const {
    for (std::size_t at = 0; at + 1 < words_.size(); ++at)
      if (words_[at] == first && words_[at + 1] == second) return true;
    return false;
  }

  std::string word_at(std::size_t at) const {
    return at < words_.size() ? words_[at] : std::string();
  }
  std::size_t size() const { return words_.size(); }

 private:
  static constexpr std::size_t words_max = 64;

  std::size_t place_of(std::string_view word) const {
    std::size_t at = 0;
    while (at < words_.size() && words_[at] != word) ++at;
    return at;
  }

  std::vector<std::string> words_;
};

Words guess_refused(const FirstWords& words) {
  for (const char* start : {"CREATE", "DROP", "ALTER"})
    for (const char* object : {"DATABASE", "TABLESPACE", "SUBSCRIPTION", "SYSTEM"})
      if (words.start({start, object})) {
        const std::string both = std::string(start) + " " + object;
        const bool altered = words.start({"ALTER"}) && !words.start({"ALTER", "SYSTEM"});
        if (!altered) return both;
        if (words.hold("SET", "TABLESPACE") && words.start({"ALTER", "DATABASE"}))
          return both + " SET TABLESPACE";
        return if_so(
            words.start({"ALTER", "SUBSCRIPTION"}) &&
                (words.hold("REFRESH") || words.hold("FAILOVER") || words.hold("TWO_PHASE")),
            "ALTER SUBSCRIPTION");
      }
  if (words.start({"CREATE", "INDEX", "CONCURRENTLY"}) ||
      words.start({"CREATE", "UNIQUE", "INDEX", "CONCURRENTLY"}))
    return "CREATE INDEX CONCURRENTLY";
  if (words.start({"DROP", "INDEX", "CONCURRENTLY"})) return "DROP INDEX CONCURRENTLY";
  if (words.start({"REINDEX"})) {
    for (const char* object : {"SCHEMA", "DATABASE", "SYSTEM"})
      if (words.hold(object)) return std::string("REINDEX ") + object;
    return if_so(words.hold("CONCURRENTLY"), "REINDEX CONCURRENTLY");
  }
  if (words.start({"VACUUM"})) return "VACUUM";
  if (words.start({"DISCARD", "ALL"})) return "DISCARD ALL";
  if (words.start({"ALTER", "TABLE"}))
    return if_so(words.hold("DETACH", "PARTITION") && words.hold("CONCURRENTLY"),
                 "ALTER TABLE DETACH PARTITION CONCURRENTLY");
  return if_so(words.start({"CLUSTER"}) && words.size() == 1, "CLUSTER");
}

Words guess_control(const FirstWords& words) {
  if (words.start({"BEGIN"})) return "BEGIN";
  if (words.start({"START", "TRANSACTION"})) return "START TRANSACTION";
  if (words.start({"PREPARE", "TRANSACTION"})) return "PREPARE TRANSACTION";
  const bool commits = words.start({"COMMIT"}) || words.start({"END"});
  const bool rolls_back = words.start({"ROLLBACK"}) || words.start({"ABORT"});
  if (!commits && !(rolls_back && !words.hold("TO"))) return std::nullopt;
  std::string control = commits ? "COMMIT" : "ROLLBACK";
  if (words.word_at(1) == "PREPARED") control += " PREPARED";
  if (words.hold("AND", "CHAIN")) control += " AND CHAIN";
  return control;
}

/// Queries and changes of data need nothing, whatever follows: no tree of a huge INSERT is built.
bool is_plain_data(std::string_view statement) {
  Lexer lexer(statement);
  auto token = lexer.next();
  while (token && token->kind == Token::Kind::comment) token = lexer.next();
  constexpr std::array<std::string_view, 7> starts = {"SELECT", "INSERT", "UPDATE", "DELETE",
                                                      "MERGE",  "WITH",   "VALUES"};
  return token && std::any_of(starts.begin(), starts.end(),
                              [&](auto word) { return is_word(*token, word); });
}

StatementNeeds guess(std::string_view statement) {
  const FirstWords words(statement);
  StatementNeeds needs{.no_transaction = guess_refused(words),
                       .transaction_control = guess_control(words),
                       .copies_from_stdin = words.start({"COPY"}) && words.hold("FROM", "STDIN"),
                       .is_savepoint = words.start({"SAVEPOINT"}) || words.start({"RELEASE"}) ||
                                       (words.start({"ROLLBACK"}) && words.hold("TO")),
                       .may_end_transaction = words.start({"CALL"}),
                       .guessed = true};
  if (needs.transaction_control && needs.transaction_control->ends_with("PREPARED"))
    needs.no_transaction = needs.transaction_control;
  return needs;
}

}  // namespace

StatementNeeds needs_of(std::string_view statement) {
  if (is_plain_data(statement)) return {};
  const auto tree = parse_to_json(statement);
  if (!tree) return guess(statement);
  const json document = json::parse(*tree, nullptr, false);
  if (document.is_discarded()) return guess(statement);
  StatementNeeds needs;
  for (const json& entry : member(document, "stmts")) read_statement(member(entry, "stmt"), needs);
  return needs;
}

}  // namespace gauntlet::runner
