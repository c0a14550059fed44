#include "harness/observe/observe.h"
#include "harness/observe/reader.h"

#include <algorithm>

namespace gauntlet::observe {

namespace {

// Settings that somebody chose, without those that only say where things lie or what logs look
// like.
constexpr const char* settings = R"(
select name,
  case source when 'session' then reset_val || coalesce(unit, '') else current_setting(name) end
from pg_settings
where source in ('configuration file', 'command line', 'global', 'database', 'user',
    'database user', 'session')
  and reset_val is distinct from boot_val
  and context <> 'internal'
  and category not like 'Reporting and Logging%' and category not like 'File Locations%'
  and category not like 'Preset Options%'
  and name not like 'lc\_%' and name not like '%\_file' and name not like 'ssl\_%'
  and name not in ('listen_addresses', 'port', 'unix_socket_directories',
    'unix_socket_permissions', 'unix_socket_group', 'bonjour', 'cluster_name', 'external_pid_file',
    'stats_temp_directory',
    'default_text_search_config', 'dynamic_shared_memory_type', 'ssl', 'update_process_title',
    'application_name', 'archive_command', 'log_timezone')
  and not (name = 'TimeZone' and setting in ('UTC', 'Etc/UTC', 'GMT'))
order by 1)";

constexpr const char* shared_objects = R"(
select 'role ' || quote_ident(r.rolname),
  concat_ws(', ', case when r.rolsuper then 'superuser' end,
    case when not r.rolinherit then 'noinherit' end,
    case when r.rolcreaterole then 'createrole' end,
    case when r.rolcreatedb then 'createdb' end, case when r.rolcanlogin then 'login' end,
    case when r.rolreplication then 'replication' end,
    case when r.rolbypassrls then 'bypassrls' end,
    'connection limit ' || nullif(r.rolconnlimit, -1), 'valid until ' || r.rolvaliduntil)
from pg_roles r where r.rolname !~ '^pg_'
union all
select format('membership of %I in %I', m.rolname, g.rolname),
  case when a.admin_option then 'with admin option' else '' end
from pg_auth_members a join pg_roles m on m.oid = a.member join pg_roles g on g.oid = a.roleid
where g.rolname !~ '^pg_' or m.rolname !~ '^pg_'
union all
select 'tablespace ' || quote_ident(t.spcname),
  concat_ws(', ', 'owner ' || pg_get_userbyid(t.spcowner),
    nullif(pg_tablespace_location(t.oid), ''),
    array_to_string(t.spcoptions, ', '), 'grants ' || t.spcacl::text)
from pg_tablespace t
union all
select 'database ' || quote_ident(d.datname),
  concat_ws(', ', 'owner ' || pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding),
    d.datcollate, d.datctype, case when d.datistemplate then 'template' end,
    case when not d.datallowconn then 'no connections' end,
    'connection limit ' || nullif(d.datconnlimit, -1),
    'tablespace ' || (select t.spcname from pg_tablespace t where t.oid = d.dattablespace),
    'grants ' || d.datacl::text)
from pg_database d where d.datname not like 'gauntlet\_%'
union all
select format('setting of %s in %s',
    case when s.setrole = 0 then 'everybody' else quote_ident(pg_get_userbyid(s.setrole)) end,
    case when s.setdatabase = 0 then 'every database'
      else 'database ' || quote_ident(d.datname) end),
  array_to_string(s.setconfig, ', ')
from pg_db_role_setting s left join pg_database d on d.oid = s.setdatabase
where coalesce(d.datname, '') not like 'gauntlet\_%'
union all
select 'replication slot ' || quote_ident(slot_name), concat_ws(' ', slot_type, plugin, database)
from pg_replication_slots where not temporary
union all
select 'comment on ' || case when d.classoid = 'pg_database'::regclass then 'database '
    when d.classoid = 'pg_tablespace'::regclass then 'tablespace ' else 'role ' end
    || coalesce(b.datname, t.spcname, r.rolname), d.description
from pg_shdescription d
left join pg_database b on d.classoid = 'pg_database'::regclass and b.oid = d.objoid
left join pg_tablespace t on d.classoid = 'pg_tablespace'::regclass and t.oid = d.objoid
left join pg_roles r on d.classoid = 'pg_authid'::regclass and r.oid = d.objoid
where coalesce(b.datname, t.spcname, r.rolname, 'gauntlet_') not like 'gauntlet\_%')";

// What ALTER SYSTEM has written. Only some may read it.
constexpr const char* may_read_files = R"(
select has_table_privilege('pg_catalog.pg_file_settings', 'select')
  and has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'execute'))";
constexpr const char* system_settings = R"(
select 'system setting ' || name, setting from pg_file_settings
where sourcefile like '%/postgresql.auto.conf')";

void add_settings(core::Catalogue& catalogue, const Rows& rows) {
  for (const Row& row : rows) catalogue[text_of(row.at(0))] = row.at(1).value_or("");
}

}  // namespace

core::ServerFacts server_facts(const arena::Address& address) {
  Reader reader(address);
  core::ServerFacts facts;
  facts.version = text_of(reader.ask("show server_version").at(0).at(0));
  facts.version.erase(std::min(facts.version.find(' '), facts.version.size()));
  facts.locale = text_of(reader
                             .ask("select datcollate from pg_database "
                                  "where datname = current_database()")
                             .at(0)
                             .at(0));
  for (const Row& row : reader.ask(settings)) {
    facts.settings[text_of(row.at(0))] = row.at(1).value_or("");
  }
  return facts;
}

core::Catalogue shared_catalogue(const arena::Address& address) {
  Reader reader(address);
  reader.use_fixed_formats();
  core::Catalogue catalogue;
  add_settings(catalogue, reader.ask(shared_objects));
  if (reader.ask(may_read_files).at(0).at(0) == "t")
    add_settings(catalogue, reader.ask(system_settings));
  return catalogue;
}

}  // namespace gauntlet::observe
