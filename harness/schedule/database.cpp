#include "harness/schedule/database.h"

namespace gauntlet::schedule {

namespace {

/// Nothing vacuums a throwaway server: after so many resets its catalogues are slow.
constexpr std::size_t resets_max = 400;

/// Counts of what can be created in a database or beside it, and who may use the schema `public`.
/// Objects that were created by somebody have an oid from 16384 on.
constexpr const char* pristine_query = R"(
SELECT concat_ws(' ',
  (SELECT count(*) FROM pg_class WHERE oid >= 16384), (SELECT count(*) FROM pg_proc WHERE oid >= 16384),
  (SELECT count(*) FROM pg_type WHERE oid >= 16384),
  (SELECT string_agg(concat_ws('/', nspname, nspowner, nspacl, obj_description(oid, 'pg_namespace')),
    ',' ORDER BY nspname) FROM pg_namespace
    WHERE nspname !~ '^pg_(toast_)?temp_' AND (oid >= 16384 OR nspname = 'public')),
  (SELECT count(*) FROM pg_extension), (SELECT count(*) FROM pg_event_trigger),
  (SELECT count(*) FROM pg_publication), (SELECT count(*) FROM pg_foreign_data_wrapper),
  (SELECT count(*) FROM pg_foreign_server), (SELECT count(*) FROM pg_language),
  (SELECT count(*) FROM pg_cast WHERE oid >= 16384), (SELECT count(*) FROM pg_operator WHERE oid >= 16384),
  (SELECT count(*) FROM pg_collation WHERE oid >= 16384), (SELECT count(*) FROM pg_ts_config WHERE oid >= 16384),
  (SELECT count(*) FROM pg_am WHERE oid >= 16384), (SELECT count(*) FROM pg_default_acl),
  (SELECT count(*) FROM pg_largeobject_metadata), (SELECT count(*) FROM pg_prepared_xacts),
  (SELECT count(*) FROM pg_authid), (SELECT count(*) FROM pg_tablespace), (SELECT count(*) FROM pg_subscription),
  (SELECT string_agg(setconfig::text, ',' ORDER BY setdatabase, setrole) FROM pg_db_role_setting),
  (SELECT count(*) FROM pg_shdescription))
)";

/// Drops every schema and makes `public` again, whose owner and rights are those of template0.
constexpr const char* clean_statement = R"(
SET client_min_messages = error;
DO $clean$
DECLARE name text; kept record;
BEGIN
  SELECT nspowner, nspacl, obj_description(oid, 'pg_namespace') AS told INTO kept
    FROM pg_namespace WHERE nspname = 'public';
  FOR name IN SELECT nspname FROM pg_namespace
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', name);
  END LOOP;
  CREATE SCHEMA public;
  UPDATE pg_namespace SET nspowner = kept.nspowner, nspacl = kept.nspacl WHERE nspname = 'public';
  IF kept.told IS NOT NULL THEN
    EXECUTE format('COMMENT ON SCHEMA public IS %L', kept.told);
  END IF;
END $clean$
)";

constexpr const char* screen_query = R"(
SELECT md5(concat_ws(E'\n',
  (SELECT string_agg(concat_ws(' ', n.nspname, c.relname, c.relkind, i.indisvalid,
      (SELECT string_agg(concat_ws(':', attname, atttypid::regtype, attnotnull), ',' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0),
      CASE WHEN c.relkind IN ('r', 'p', 'm') THEN (xpath('/row/c/text()', query_to_xml(
        format('SELECT count(*) AS c FROM %I.%I', n.nspname, c.relname), true, true, '')))[1]::text END),
      E'\n' ORDER BY n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
    WHERE c.oid >= 16384 AND c.relkind <> 't' AND n.nspname !~ '^pg_'),
  (SELECT string_agg(concat_ws(' ', conrelid::regclass, conname, contype, convalidated), E'\n'
      ORDER BY conrelid::regclass::text, conname) FROM pg_constraint WHERE oid >= 16384),
  (SELECT count(*) FROM pg_proc WHERE oid >= 16384), (SELECT count(*) FROM pg_type WHERE oid >= 16384),
  (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())),
  (SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state LIKE 'idle in transaction%')))
)";

}  // namespace

ExploredDatabase::ExploredDatabase(arena::Arena& arena) : arena_(arena) { open_fresh(); }

void ExploredDatabase::open_fresh() {
  sessions_.reset();
  overlaps_.reset();
  inside_.reset();
  server_.reset();
  database_.reset();
  database_ = arena_.fresh("explore");
  ++fresh_;
  resets_ = 0;
  sessions_ = std::make_unique<ReusedSessions>(database_->address().conninfo());
  server_ = std::make_unique<BlockedSessions>(database_->maintenance());
  overlaps_ = std::make_unique<Overlaps>(database_->address());
  inside_.emplace(database_->address());
  const bool may_clean =
      inside_->ask_one("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "t";
  pristine_ = may_clean ? pristine_text() : std::string();
}

std::string ExploredDatabase::pristine_text() { return inside_->ask_one(pristine_query); }

void ExploredDatabase::reset(const std::function<void()>& let_go) {
  try {
    if (!pristine_.empty() && ++resets_ <= resets_max) {
      inside_->run(clean_statement);
      if (pristine_text() == pristine_) return;
    }
  } catch (const arena::StatementError&) {
    // Something that no schema holds, or a session that still has a lock.
  }
  let_go();
  open_fresh();
}

void ExploredDatabase::end_sessions() {
  inside_->ask(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
      " WHERE datname = current_database() AND pid <> pg_backend_pid()");
}

std::string ExploredDatabase::screen() { return inside_->ask_one(screen_query); }

}  // namespace gauntlet::schedule
