#include "harness/formats/tracker.h"

#include "harness/formats/text.h"

#include <algorithm>

namespace gauntlet::formats {

namespace {

// goose adds a row at every up, and at a down removes it or adds one that says false: a version is
// applied as often as it was applied since the last such row.
constexpr std::string_view goose_query = R"(
select version_id::text, null, true from {} t
where is_applied and version_id <> 0 and id > coalesce(
  (select max(d.id) from {} d where d.version_id = t.version_id and not d.is_applied), 0)
order by id)";

const std::vector<Tracker>& trackers() {
  static const std::vector<Tracker> all = {
      {.tool = "gauntlet-migrate",
       .table = "applied_migrations",
       .columns = {"version", "name", "applied_at", "checksum"},
       .query = "select t.version::text, t.name, true from {} t order by t.version"},
      {.tool = "golang-migrate",
       .table = "schema_migrations",
       .columns = {"version", "dirty"},
       .no_other_columns = true,
       .query = "select nullif(version, -1)::text, null, not dirty from {}",
       .only_newest = true,
       .create = "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty "
                 "boolean NOT NULL)"},
      {.tool = "dbmate or Rails",
       .table = "schema_migrations",
       .columns = {"version"},
       .no_other_columns = true,
       .query = "select version::text, null, true from {} order by 1",
       .create = "CREATE TABLE schema_migrations (version varchar PRIMARY KEY)"},
      {.tool = "goose",
       .table = "goose_db_version",
       .columns = {"id", "version_id", "is_applied"},
       .query = goose_query,
       .create = "CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT "
                 "NULL, is_applied boolean NOT NULL, tstamp timestamp DEFAULT now())"},
      {.tool = "node-pg-migrate",
       .table = "pgmigrations",
       .columns = {"id", "name", "run_on"},
       .file_names = true,
       .query = "select name, name, true from {} order by id"},
      {.tool = "sqlx",
       .table = "_sqlx_migrations",
       .columns = {"version", "description", "success"},
       .query = "select t.version::text, replace(t.description, ' ', '_'), t.success "
                "from {} t order by t.version",
       .create = "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT "
                 "NULL, installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, "
                 "checksum bytea NOT NULL, execution_time bigint NOT NULL)"},
      {.tool = "Flyway",
       .table = "flyway_schema_history",
       .columns = {"installed_rank", "version", "description", "success"},
       .query = "select version, replace(description, ' ', '_'), success from {} "
                "where version is not null order by installed_rank"},
      {.tool = "Knex",
       .table = "knex_migrations",
       .columns = {"id", "name", "batch"},
       .file_names = true,
       .query = "select name, name, true from {} order by id"},
      {.tool = "Sequelize and Umzug",
       .table = "SequelizeMeta",
       .columns = {"name"},
       .no_other_columns = true,
       .file_names = true,
       .query = "select name, name, true from {} order by name"},
      {.tool = "Kysely",
       .table = "kysely_migration",
       .columns = {"name", "timestamp"},
       .file_names = true,
       .query = "select name, name, true from {} order by name"},
      {.tool = "Prisma",
       .table = "_prisma_migrations",
       .columns = {"migration_name", "started_at", "finished_at", "rolled_back_at"},
       .file_names = true,
       .query = "select migration_name, migration_name, finished_at is not null from {} "
                "where rolled_back_at is null order by started_at"},
      // Its first row, of number 0, stands for the table itself.
      {.tool = "postgres-migrations",
       .table = "migrations",
       .columns = {"id", "name", "hash", "executed_at"},
       .no_other_columns = true,
       .file_names = true,
       .query = "select id::text, name, true from {} where id > 0 order by id"},
      {.tool = "Postgrator",
       .table = "schemaversion",
       .columns = {"version", "name", "md5", "run_at"},
       .query = "select t.version::text, t.name, true from {} t where t.version > 0 "
                "order by t.version"},
      {.tool = "graphile-migrate",
       .table = "migrations",
       .columns = {"hash", "previous_hash", "filename", "date"},
       .no_other_columns = true,
       .query = "select filename, null, true from {} order by filename"},
      {.tool = "yoyo",
       .table = "_yoyo_migration",
       .columns = {"migration_hash", "migration_id", "applied_at_utc"},
       .file_names = true,
       .query = "select migration_id, migration_id, true from {} order by migration_id"},
      {.tool = "Ecto",
       .table = "schema_migrations",
       .columns = {"version", "inserted_at"},
       .no_other_columns = true,
       .query = "select version::text, null, true from {} order by version"},
      {.tool = "Phinx",
       .table = "phinxlog",
       .columns = {"version", "migration_name", "start_time", "end_time"},
       .query = "select version::text, null, true from {} order by version"},
      {.tool = "refinery",
       .table = "refinery_schema_history",
       .columns = {"version", "name", "applied_on", "checksum"},
       .query = "select t.version::text, t.name, true from {} t order by t.version"},
      {.tool = "Diesel",
       .table = "__diesel_schema_migrations",
       .columns = {"version", "run_on"},
       .query = "select version, null, true from {} order by 1",
       .create = "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on "
                 "timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)"},
      {.tool = "sql-migrate",
       .table = "gorp_migrations",
       .columns = {"id", "applied_at"},
       .file_names = true,
       .query = "select id, id, true from {} order by id"},
      {.tool = "Entity Framework",
       .table = "__EFMigrationsHistory",
       .columns = {"MigrationId", "ProductVersion"},
       .file_names = true,
       .query = R"(select "MigrationId", "MigrationId", true from {} order by 1)"},
      {.tool = "Sqitch",
       .table = "changes",
       .columns = {"change_id", "change", "project", "committed_at"},
       .file_names = true,
       .query = "select change, change, true from {} order by committed_at"},
      {.tool = "Alembic",
       .table = "alembic_version",
       .columns = {"version_num"},
       .not_supported = "its revisions are not numbers, and only the newest is kept"},
      {.tool = "TypeORM",
       .table = "migrations",
       .columns = {"id", "timestamp", "name"},
       .no_other_columns = true,
       .not_supported = "it keeps a class's name and time in the place of a file's number"},
      {.tool = "Drizzle",
       .table = "__drizzle_migrations",
       .columns = {"id", "hash", "created_at"},
       .not_supported = "it keeps a hash and a time in the place of a file's number"},
      {.tool = "Django",
       .table = "django_migrations",
       .columns = {"app", "name", "applied"},
       .not_supported = "it numbers each application by itself"},
      {.tool = "Liquibase",
       .table = "databasechangelog",
       .columns = {"id", "author", "filename", "orderexecuted"},
       .not_supported = "it names its changes, and numbers none"},
  };
  return all;
}

}  // namespace

const Tracker* recognise(std::string_view table, const std::set<std::string>& columns) {
  const auto fits = [&](const Tracker& tracker) {
    const bool has_all =
        std::all_of(tracker.columns.begin(), tracker.columns.end(),
                    [&](std::string_view column) { return columns.contains(std::string(column)); });
    return tracker.table == table && has_all &&
           (!tracker.no_other_columns || columns.size() == tracker.columns.size());
  };
  const auto found = std::find_if(trackers().begin(), trackers().end(), fits);
  return found == trackers().end() ? nullptr : &*found;
}

std::string tools_of_table(std::string_view table) {
  const std::string name = lower(table);
  std::string tools;
  for (const Tracker& tracker : trackers())
    if (lower(tracker.table) == name)
      tools += (tools.empty() ? "" : ", ") + std::string(tracker.tool);
  return tools;
}

std::string statement_that_creates(std::string_view table, std::string_view file) {
  const std::string name = lower(table);
  const bool is_pair = file.ends_with(".up.sql");
  for (const Tracker& tracker : trackers()) {
    const bool fits = lower(tracker.table) == name && !tracker.create.empty();
    if (fits && (is_pair || tracker.tool != "golang-migrate")) return std::string(tracker.create);
  }
  return {};
}

}  // namespace gauntlet::formats
