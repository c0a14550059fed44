#include "runner/sqlite/schema_guard.h"

#include "runner/sql/lexer.h"
#include "runner/sql/statement.h"

#include <algorithm>

namespace gauntlet::runner {

bool is_rebuild(std::string_view sql) { return directives_of(sql).rebuild; }

SchemaGuard::SchemaGuard(Session& session, std::string_view sql, Runs runs) : session_(session) {
  const std::string text = upper(sql);
  const auto says = [&](const char* word) { return text.find(word) != std::string::npos; };
  const bool code = runs == Runs::code;
  switches_foreign_keys_ = is_rebuild(sql) || says("FOREIGN_KEYS");
  // A statement that changes the schema says one of them; only code may say it elsewhere.
  changes_schema_ =
      code || says("ALTER") || says("DROP") || says("CREATE") || says("WRITABLE_SCHEMA");
  if (changes_schema_) {
    version_before_ = schema_version();
    compiled_before_ = compile_schema(session_);
  }
  renames_ = !code && says("RENAME") && !says("SQLITE_SEQUENCE");
  if (renames_) id_marks_before_ = id_marks(session_);
  if (switches_foreign_keys_) dangling_before_ = dangling_rows(session_);
}

std::optional<Harm> SchemaGuard::harm() const {
  if (changes_schema_ && schema_version() != version_before_) {
    if (auto harm = broken_schema()) return harm;
    if (auto harm = lowered_ids()) return harm;
  }
  return switches_foreign_keys_ ? dangling_keys() : std::nullopt;
}

std::optional<Harm> SchemaGuard::broken_schema() const {
  const std::string broken = broken_since(compiled_before_, compile_schema(session_));
  if (broken.empty()) return std::nullopt;
  return Harm{.code = "broken-schema",
              .what = "left something that no longer compiles",
              .list = broken,
              .fix =
                  "create the new table under a new name, drop the old one, then rename the "
                  "new one; drop a view or a trigger first and create it again last"};
}

std::optional<Harm> SchemaGuard::lowered_ids() const {
  const std::string lowered = renames_ ? lowered_since(session_, id_marks_before_) : "";
  if (lowered.empty()) return std::nullopt;
  return Harm{.code = "ids-given-again",
              .what =
                  "rebuilt an AUTOINCREMENT table without the mark of its highest id, so that "
                  "ids of deleted rows would be given again",
              .list = lowered,
              .fix = "set the mark again at the file's end, with the statements above"};
}

std::optional<Harm> SchemaGuard::dangling_keys() const {
  const std::string dangling = dangling_since(dangling_before_, dangling_rows(session_));
  if (dangling.empty()) return std::nullopt;
  return Harm{.code = "dangling-rows",
              .what = "left foreign keys that refer to nothing",
              .list = dangling,
              .fix = "`PRAGMA foreign_key_check` lists them"};
}

std::string SchemaGuard::schema_version() const {
  return session_.send("PRAGMA schema_version").front().rows.front().front().value_or("");
}

}  // namespace gauntlet::runner
