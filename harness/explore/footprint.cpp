#include "harness/explore/footprint.h"

#include "harness/sql/text.h"
#include "harness/sql/tree.h"
#include "runner/sql/lexer.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <array>
#include <set>

namespace gauntlet::explore {

namespace {

using nlohmann::json;
using sql::member;
using sql::text;

constexpr const char *catalogue = "(catalogue)", *advisory_locks = "(advisory locks)",
                     *notifications = "(notifications)", *sequences = "(sequences)",
                     *hidden_tables = "(hidden)";

/// Functions of the server that touch nothing that another session changes.
constexpr std::string_view harmless = R"(
abs age any_value array_agg array_length array_lower array_position array_remove array_to_json
array_to_string array_upper bool bool_and bool_or btrim cardinality ceil char_length
clock_timestamp coalesce concat concat_ws convert_to count current_database current_schema
current_schemas current_setting current_user date date_part date_trunc decode dense_rank encode
extract first_value floor format gen_random_uuid generate_series greatest hashint8 hashtext
hashtextextended inet_server_addr inet_server_port initcap int4 int8 json_agg
json_array_elements json_build_object json_object_agg jsonb_agg jsonb_array_elements
jsonb_build_object jsonb_object_agg lag last_value lead least left length lower ltrim
make_interval max md5 min now nullif octet_length overlay pg_backend_pid pg_client_encoding
pg_cursor pg_listening_channels pg_postmaster_start_time pg_prepared_statement pg_sleep position
quote_ident quote_literal random rank regexp_match regexp_matches regexp_replace
regexp_split_to_array repeat replace right round row_number row_to_json rtrim session_user
set_config sha256 split_part starts_with statement_timestamp string_agg string_to_array
string_to_table strpos substring sum text timezone to_char to_json to_jsonb to_timestamp
transaction_timestamp trim unnest upper version
)";

/// Functions that read the catalogue, and no more.
constexpr std::string_view of_catalogue = R"(
_pg_expandarray col_description format_type has_column_privilege has_database_privilege
has_schema_privilege has_sequence_privilege has_table_privilege obj_description
pg_encoding_to_char pg_function_is_visible pg_get_constraintdef pg_get_expr
pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result
pg_get_functiondef pg_get_indexdef pg_get_keywords pg_get_partkeydef pg_get_serial_sequence
pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role pg_identify_object_as_address
pg_relation_is_publishable pg_table_is_visible pg_type_is_visible pg_typeof shobj_description
to_regclass to_regnamespace to_regproc to_regrole to_regtype
)";

bool has(std::string_view names, std::string_view name) {
  if (name.empty()) return false;
  for (std::size_t at = names.find(name); at != std::string_view::npos;
       at = names.find(name, at + 1)) {
    const std::string_view around = " \n";
    if (around.find(names[at - 1]) != std::string_view::npos &&
        around.find(names[at + name.size()]) != std::string_view::npos)
      return true;
  }
  return false;
}

void put(std::vector<std::string>& names, const std::string& name) {
  const auto at = std::ranges::lower_bound(names, name);
  if (at == names.end() || *at != name) names.insert(at, name);
}

bool share(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  return std::ranges::any_of(
      one, [&](const std::string& name) { return std::ranges::binary_search(other, name); });
}

bool is_foreign_key(const json& node) {
  return text(member(node, "Constraint"), "contype") == "CONSTR_FOREIGN";
}

bool any_below(const json& root, const auto& is_it) {
  bool found = false;
  sql::walk(root, [&](const json& node) { found = found || (node.is_object() && is_it(node)); });
  return found;
}

/// A table of its own: nothing that is said of it reaches another one.
bool stands_alone(const json& create) {
  for (const char* key : {"inhRelations", "partbound", "partspec", "ofTypename"})
    if (!member(create, key).is_null()) return false;
  return !any_below(create, [](const json& node) {
    return is_foreign_key(node) || !member(node, "TableLikeClause").is_null();
  });
}

/// Does a statement make what other statements then do without saying so?
bool hides(const sql::StatementTree& tree) {
  constexpr std::array<std::string_view, 9> makers{"CreateEventTrigStmt",
                                                   "CreateFunctionStmt",
                                                   "CreatePolicyStmt",
                                                   "CreateTableAsStmt",
                                                   "CreateTrigStmt",
                                                   "DoStmt",
                                                   "RuleStmt",
                                                   "ViewStmt",
                                                   "CreateExtensionStmt"};
  if (std::ranges::find(makers, tree.kind()) != makers.end()) return true;
  if (tree.kind() == "CreateStmt") return !stands_alone(tree.node());
  if (tree.kind() != "AlterTableStmt") return false;
  return any_below(tree.node(), [](const json& node) {
    const std::string what = text(node, "subtype");
    return is_foreign_key(node) || what == "AT_AttachPartition" || what == "AT_AddInherit";
  });
}

class Reader {
 public:
  explicit Reader(Footprint& footprint) : footprint_(footprint) {}

  void read(const sql::StatementTree& tree) {
    const std::string& kind = tree.kind();
    if (kind == "TransactionStmt") return read_transaction(tree.node());
    if (kind == "VariableSetStmt" || kind == "VariableShowStmt" || kind == "DeallocateStmt") return;
    if (kind == "DiscardStmt" && text(tree.node(), "target") != "DISCARD_ALL") return;
    if (kind == "ListenStmt" || kind == "UnlistenStmt" || kind == "NotifyStmt")
      return put(footprint_.writes, notifications);
    if (kind == "SelectStmt" || kind == "InsertStmt" || kind == "UpdateStmt" ||
        kind == "DeleteStmt" || kind == "MergeStmt" || kind == "LockStmt")
      return read_tables(kind, tree.node());
    if (kind == "CreateStmt" && stands_alone(tree.node())) {
      put(footprint_.writes, catalogue);
      return read_tables(kind, tree.node());
    }
    if (kind == "CreateSchemaStmt" && member(tree.node(), "schemaElts").is_null())
      return put(footprint_.writes, catalogue);
    footprint_.everything = true;
  }

 private:
  void read_transaction(const json& node) {
    const std::string kind = text(node, "kind");
    if (kind == "TRANS_STMT_SAVEPOINT" || kind == "TRANS_STMT_RELEASE" ||
        kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START")
      return;
    const bool ends = kind == "TRANS_STMT_COMMIT" || kind == "TRANS_STMT_ROLLBACK";
    footprint_.ends_transaction = footprint_.ends_transaction || ends;
    footprint_.everything = footprint_.everything || !ends;
  }

  /// A statement that takes a lock counts as writing every table that it names.
  void read_tables(const std::string& kind, const json& root) {
    const bool locks =
        kind == "LockStmt" || kind == "CreateStmt" || any_below(root, [](const json& node) {
          return !member(node, "lockingClause").is_null() || !member(node, "intoClause").is_null();
        });
    std::set<std::string> own;  // of WITH
    sql::walk(root, [&](const json& node) {
      const json& with = member(node, "CommonTableExpr");
      if (with.is_object()) own.insert(text(with, "ctename"));
    });
    for (const char* writer : {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"}) {
      if (kind == writer) note_table(member(root, "relation"), true);
      sql::walk(root, [&](const json& node) {
        const json& below = member(node, writer);
        if (below.is_object()) note_table(member(below, "relation"), true);
      });
    }
    if (kind == "CreateStmt") note_table(member(root, "relation"), true);
    sql::walk(root, [&](const json& node) {
      const json& range = member(node, "RangeVar");
      const bool is_own = text(range, "schemaname").empty() && own.contains(text(range, "relname"));
      if (range.is_object() && !is_own) note_table(range, locks);
      const json& call = member(node, "FuncCall");
      if (call.is_object()) note_call(sql::last_name(member(call, "funcname")));
      const json& cast = member(node, "TypeCast");
      if (cast.is_object() &&
          sql::last_name(member(member(cast, "typeName"), "names")).starts_with("reg"))
        put(footprint_.reads, catalogue);
    });
  }

  void note_table(const json& range, bool is_written) {
    const std::string schema = text(range, "schemaname"), name = text(range, "relname");
    const bool is_of_server =
        schema == "pg_catalog" || schema == "information_schema" || name.starts_with("pg_");
    if (name.empty()) return;
    if (!is_of_server) return put(is_written ? footprint_.writes : footprint_.reads, name);
    // What sessions do, and who waits for whom, changes with each of their steps.
    const bool is_of_sessions = name.starts_with("pg_stat") || name == "pg_locks" ||
                                name == "pg_prepared_xacts" || name == "pg_cursors";
    if (is_written || is_of_sessions) footprint_.everything = true;
    put(footprint_.reads, catalogue);
  }

  void note_call(const std::string& name) {
    if (has(harmless, name)) return;
    if (has(of_catalogue, name)) return put(footprint_.reads, catalogue);
    if (name.starts_with("pg_advisory_") || name.starts_with("pg_try_advisory_"))
      return put(footprint_.writes, advisory_locks);
    if (name == "pg_notify") return put(footprint_.writes, notifications);
    if (name == "nextval" || name == "setval" || name == "currval" || name == "lastval")
      return put(footprint_.writes, sequences);
    footprint_.everything = true;
  }

  Footprint& footprint_;
};

/// A transaction that does not see what others commit after its first statement.
bool is_about_isolation(std::string_view message) {
  const std::string lower = sql::lower(message);
  const bool is_of_one_snapshot = lower.find("repeatable") != std::string::npos ||
                                  lower.find("serializable") != std::string::npos ||
                                  lower.find("transaction_isolation") != std::string::npos;
  return is_of_one_snapshot && lower.find("isolation") != std::string::npos;
}

}  // namespace

void Footprint::add(const Footprint& other) {
  everything = everything || other.everything;
  for (const std::string& name : other.reads) put(reads, name);
  for (const std::string& name : other.writes) put(writes, name);
}

Footprint footprint_of_wait() { return {.reads = {notifications}}; }

bool conflict(const Footprint& one, const Footprint& other) {
  if (one.everything) return !other.is_nothing();
  if (other.everything) return !one.is_nothing();
  return share(one.writes, other.writes) || share(one.writes, other.reads) ||
         share(one.reads, other.writes);
}

void Footprints::learn(std::string_view message) {
  const std::lock_guard held(mutex_);
  learn_locked(message);
}

void Footprints::learn_locked(std::string_view message) {
  for (const auto& statement : runner::split(message).statements) {
    const auto tree = sql::StatementTree::parse(statement.sql);
    if (tree && !hides(*tree)) continue;
    std::string lower = sql::lower(statement.sql);
    // What is put together while it runs, or lies in a file of the server, names what it likes.
    const bool has_a_body =
        tree && (tree->kind() == "CreateFunctionStmt" || tree->kind() == "DoStmt");
    hides_anything_ = hides_anything_ || !tree || tree->kind() == "CreateExtensionStmt" ||
                      (has_a_body && lower.find("execute") != std::string::npos);
    if (std::ranges::find(hidden_, lower) != hidden_.end()) continue;
    hidden_.push_back(std::move(lower));
    known_.clear();
  }
}

std::string Footprints::resource_of(const std::string& table) const {
  if (table.starts_with('(')) return table;
  const std::string lower = sql::lower(table);
  const bool is_hidden =
      hides_anything_ || std::ranges::any_of(hidden_, [&](const std::string& each) {
        return each.find(lower) != std::string::npos;
      });
  return is_hidden ? hidden_tables : table;
}

Footprint Footprints::read(std::string_view message) const {
  if (is_about_isolation(message)) return {.everything = true, .keeps_a_snapshot = true};
  Footprint said;
  Reader reader(said);
  for (const auto& statement : runner::split(message).statements) {
    if (const auto tree = sql::StatementTree::parse(statement.sql)) {
      reader.read(*tree);
    } else {
      said.everything = true;
    }
  }
  Footprint footprint{.everything = said.everything, .ends_transaction = said.ends_transaction};
  for (const std::string& name : said.reads) put(footprint.reads, resource_of(name));
  for (const std::string& name : said.writes) put(footprint.writes, resource_of(name));
  return footprint;
}

std::shared_ptr<const Footprint> Footprints::of(std::uint64_t fingerprint,
                                                std::string_view message) {
  const std::lock_guard held(mutex_);
  const auto known = known_.find(fingerprint);
  if (known != known_.end()) return known->second;
  learn_locked(message);
  auto made = std::make_shared<const Footprint>(read(message));
  known_.emplace(fingerprint, made);
  return made;
}

}  // namespace gauntlet::explore
