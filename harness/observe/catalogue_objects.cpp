#include "harness/observe/catalogue_sql.h"

namespace gauntlet::observe {

namespace {

constexpr std::string_view schemas = R"(
select 'schema ' || full_name, 'owner ' || pg_get_userbyid(nspowner) from space)";

constexpr std::string_view functions = R"(
select case p.prokind when 'p' then 'procedure ' when 'a' then 'aggregate ' else 'function ' end
    || s.full_name || '.' || quote_ident(p.proname)
    || '(' || pg_get_function_identity_arguments(p.oid) || ')',
  concat_ws(E'\n',
    case when p.prokind <> 'a' then rtrim(pg_get_functiondef(p.oid), E'\n') end,
    (select format('state %s %s, final %s, combine %s, serial %s, deserial %s, initial %s, kind %s',
        a.aggtransfn, format_type(a.aggtranstype, null), a.aggfinalfn, a.aggcombinefn,
        a.aggserialfn, a.aggdeserialfn, coalesce(quote_literal(a.agginitval), '-'), a.aggkind)
     from pg_aggregate a where a.aggfnoid = p.oid),
    'owner ' || pg_get_userbyid(p.proowner))
from pg_proc p join space s on s.oid = p.pronamespace
where ('pg_proc'::regclass, p.oid) not in (select classid, objid from member))";

// A table's row type and every array type come and go with what they belong to.
constexpr std::string_view types = R"(
select case t.typtype when 'd' then 'domain ' else 'type ' end
    || s.full_name || '.' || quote_ident(t.typname),
  concat_ws(E'\n',
    case t.typtype when 'c' then 'composite'
      when 'e' then 'enum ' || (
        select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
        from pg_enum e where e.enumtypid = t.oid)
      when 'd' then concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
        case when t.typcollation <> b.typcollation then
          'collate ' || t.typcollation::regcollation end,
        case when t.typnotnull then 'not null' end, 'default ' || t.typdefault)
      when 'r' then (select concat_ws(' ', 'range of', format_type(r.rngsubtype, null), 'by',
          (select o.opcname from pg_opclass o where o.oid = r.rngsubopc),
          case when r.rngcollation <> 0 then 'collate ' || r.rngcollation::regcollation end,
          'canonical ' || nullif(r.rngcanonical::oid, 0)::regproc,
          'difference ' || nullif(r.rngsubdiff::oid, 0)::regproc,
          'multirange ' || format_type(r.rngmultitypid, null))
        from pg_range r where r.rngtypid = t.oid)
      else format('base: input %s, output %s, length %s, storage %s, alignment %s, defined %s',
        t.typinput, t.typoutput, t.typlen, t.typstorage, t.typalign, t.typisdefined) end,
    (select string_agg(format('constraint %I %s%s', k.conname, pg_get_constraintdef(k.oid),
        case when not k.convalidated then ' (not validated)' end), E'\n' order by k.conname)
     from pg_constraint k where k.contypid = t.oid),
    'owner ' || pg_get_userbyid(t.typowner))
from pg_type t join space s on s.oid = t.typnamespace
left join pg_type b on b.oid = t.typbasetype
where t.typtype <> 'm'
  and not exists (select from pg_class c where c.oid = t.typrelid and c.relkind <> 'c')
  and not exists (select from pg_type e where e.typarray = t.oid)
  and ('pg_type'::regclass, t.oid) not in (select classid, objid from member))";

constexpr std::string_view operators = R"(
select format('operator %s.%s(%s, %s)', s.full_name, o.oprname,
    case when o.oprleft = 0 then 'none' else format_type(o.oprleft, null) end,
    format_type(o.oprright, null)),
  format('function %s returns %s, commutator %s, negator %s, restrict %s, join %s, hashes %s, '
      'merges %s', o.oprcode, format_type(o.oprresult, null), o.oprcom::regoperator,
    o.oprnegate::regoperator, o.oprrest, o.oprjoin, o.oprcanhash, o.oprcanmerge)
from pg_operator o join space s on s.oid = o.oprnamespace
where ('pg_operator'::regclass, o.oid) not in (select classid, objid from member)
union all
select format('operator class %s.%I using %s', s.full_name, o.opcname, a.amname),
  format('for %s%s', format_type(o.opcintype, null), case when o.opcdefault then ' default' end)
from pg_opclass o join space s on s.oid = o.opcnamespace join pg_am a on a.oid = o.opcmethod
where ('pg_opclass'::regclass, o.oid) not in (select classid, objid from member)
union all
select format('cast (%s as %s)', format_type(k.castsource, null),
    format_type(k.casttarget, null)),
  format('%s %s %s', k.castcontext, k.castmethod, nullif(k.castfunc, 0)::regprocedure)
from pg_cast k
where k.oid >= 16384 and ('pg_cast'::regclass, k.oid) not in (select classid, objid from member))";

// Oids are what two databases with equal text search differ in; the rest of a row is its
// definition.
constexpr std::string_view texts = R"(
select 'collation ' || s.full_name || '.' || quote_ident(c.collname),
  (to_jsonb(c) - '{oid,collname,collnamespace,collowner}'::text[])::text
from pg_collation c join space s on s.oid = c.collnamespace
where ('pg_collation'::regclass, c.oid) not in (select classid, objid from member)
union all
select 'text search configuration ' || s.full_name || '.' || quote_ident(c.cfgname),
  concat_ws(E'\n', 'parser ' || (select p.prsname from pg_ts_parser p where p.oid = c.cfgparser),
    (select string_agg(format('token %s %s: %s', m.maptokentype, m.mapseqno,
        m.mapdict::regdictionary), E'\n' order by m.maptokentype, m.mapseqno)
     from pg_ts_config_map m where m.mapcfg = c.oid))
from pg_ts_config c join space s on s.oid = c.cfgnamespace
where ('pg_ts_config'::regclass, c.oid) not in (select classid, objid from member)
union all
select 'text search dictionary ' || s.full_name || '.' || quote_ident(d.dictname),
  concat_ws(E'\n',
    'template ' || (select t.tmplname from pg_ts_template t where t.oid = d.dicttemplate),
    d.dictinitoption)
from pg_ts_dict d join space s on s.oid = d.dictnamespace
where ('pg_ts_dict'::regclass, d.oid) not in (select classid, objid from member))";

// The filter of a publication's rows came with PostgreSQL 15: a column that may be missing is read
// out of the whole row.
constexpr std::string_view database_wide = R"(
select 'extension ' || quote_ident(e.extname),
  format('version %s schema %I', e.extversion, n.nspname)
from pg_extension e join pg_namespace n on n.oid = e.extnamespace
union all
select 'event trigger ' || quote_ident(t.evtname),
  format('on %s when tag in (%s) execute %s owner %s, %s', t.evtevent,
    array_to_string(t.evttags, ', '), t.evtfoid::regprocedure, pg_get_userbyid(t.evtowner),
    case t.evtenabled when 'D' then 'disabled' when 'R' then 'enabled for replicas only'
      when 'A' then 'enabled always' else 'enabled' end)
from pg_event_trigger t
where ('pg_event_trigger'::regclass, t.oid) not in (select classid, objid from member)
union all
select 'publication ' || quote_ident(p.pubname),
  concat_ws(E'\n', (to_jsonb(p) - '{oid,pubname,pubowner}'::text[])::text,
    (select string_agg(format('table %s%s', r.prrelid::regclass,
        ' where ' || (select to_jsonb(v) ->> 'rowfilter' from pg_publication_tables v
          where v.pubname = p.pubname
            and format('%I.%I', v.schemaname, v.tablename)::regclass = r.prrelid limit 1)),
        E'\n' order by r.prrelid::regclass::text)
     from pg_publication_rel r where r.prpubid = p.oid),
    'owner ' || pg_get_userbyid(p.pubowner))
from pg_publication p
union all
select 'foreign data wrapper ' || quote_ident(w.fdwname),
  format('handler %s (%s) owner %s', w.fdwhandler::regproc, array_to_string(w.fdwoptions, ', '),
    pg_get_userbyid(w.fdwowner))
from pg_foreign_data_wrapper w
where ('pg_foreign_data_wrapper'::regclass, w.oid) not in (select classid, objid from member)
union all
select 'server ' || quote_ident(s.srvname),
  format('type %s version %s wrapper %I (%s) owner %s', s.srvtype, s.srvversion, w.fdwname,
    array_to_string(s.srvoptions, ', '), pg_get_userbyid(s.srvowner))
from pg_foreign_server s join pg_foreign_data_wrapper w on w.oid = s.srvfdw
where ('pg_foreign_server'::regclass, s.oid) not in (select classid, objid from member)
union all
select format('user mapping of %s for %I', case when m.umuser = 0 then 'public'
  else quote_ident(pg_get_userbyid(m.umuser)) end, m.srvname), ''
from pg_user_mappings m
union all
select 'language ' || quote_ident(l.lanname), 'owner ' || pg_get_userbyid(l.lanowner)
from pg_language l
where l.oid >= 16384
  and ('pg_language'::regclass, l.oid) not in (select classid, objid from member)
union all
select 'setting of this database for ' ||
  case when s.setrole = 0 then 'everybody' else quote_ident(pg_get_userbyid(s.setrole)) end,
  array_to_string(s.setconfig, E'\n')
from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
where d.datname = current_database())";

// Rights as aclitem prints them: grantee=rights/grantor.
constexpr std::string_view grants = R"(
, granted(name, acl) as (
  select case c.relkind when 'S' then 'sequence ' else 'table ' end || c.full_name, c.relacl
  from relation c
  union all
  select 'column ' || c.full_name || '.' || quote_ident(a.attname), a.attacl
  from relation c join pg_attribute a on a.attrelid = c.oid
  where a.attacl is not null and not a.attisdropped
  union all
  select 'schema ' || full_name, nspacl from space
  union all
  select 'function ' || s.full_name || '.' || quote_ident(p.proname)
    || '(' || pg_get_function_identity_arguments(p.oid) || ')', p.proacl
  from pg_proc p join space s on s.oid = p.pronamespace
  where p.proacl is not null
    and ('pg_proc'::regclass, p.oid) not in (select classid, objid from member)
  union all
  select 'type ' || s.full_name || '.' || quote_ident(t.typname), t.typacl
  from pg_type t join space s on s.oid = t.typnamespace
  where ('pg_type'::regclass, t.oid) not in (select classid, objid from member)
  union all
  select 'language ' || quote_ident(lanname), lanacl from pg_language
  union all
  select 'foreign data wrapper ' || quote_ident(fdwname), fdwacl from pg_foreign_data_wrapper
  union all
  select 'server ' || quote_ident(srvname), srvacl from pg_foreign_server
  union all
  select 'this database', datacl from pg_database where datname = current_database()
  union all
  select format('future %s of %s%s', case d.defaclobjtype when 'r' then 'tables'
      when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types'
      when 'n' then 'schemas' else d.defaclobjtype::text end,
      pg_get_userbyid(d.defaclrole), ' in schema ' || nullif(d.defaclnamespace, 0)::regnamespace),
    d.defaclacl
  from pg_default_acl d
)
select 'grants on ' || name,
  coalesce((select string_agg(a::text, E'\n' order by a::text) from unnest(acl) a), 'none')
from granted where acl is not null)";

// Everything that initdb creates has an oid below 16384; the schema public is the user's all the
// same.
constexpr std::string_view comments = R"(
select format('comment on %s %s', i.type, i.identity), d.description
from pg_description d, lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) i
where (d.objoid >= 16384 or d.objoid in (select oid from space))
  and (d.classoid, d.objoid) not in (select classid, objid from member)
  and coalesce(i.schema, '') !~ '^pg_')";

}  // namespace

const std::vector<std::string_view>& object_statements() {
  static const std::vector<std::string_view> all = {schemas, functions,     types,  operators,
                                                    texts,   database_wide, grants, comments};
  return all;
}

}  // namespace gauntlet::observe
