#include "harness/observe/file.h"
#include "harness/observe/observe.h"
#include "harness/observe/parts.h"

namespace gauntlet::observe {

namespace {

// How pg_locks shows the two forms of key: PostgreSQL manual, 54.12.
constexpr const char* advisory_locks = R"(
select format('key %s (%s%s) by session %s (%s, %s)',
  case when l.objsubid = 1 then ((l.classid::bigint << 32) | l.objid::bigint)::text
    else format('%s, %s', (l.classid::bigint + 2147483648) % 4294967296 - 2147483648,
      (l.objid::bigint + 2147483648) % 4294967296 - 2147483648) end,
  l.mode, case when not l.granted then ', waiting' end, l.pid,
  coalesce(nullif(a.application_name, ''), 'no application name'), coalesce(a.state, 'unknown'))
from pg_locks l left join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.pid is distinct from pg_backend_pid()
  and l.database = (select oid from pg_database where datname = current_database())
order by 1)";

constexpr const char* open_transactions = R"(
select format('session %s (%s, %s), last statement: %s', a.pid,
  coalesce(nullif(a.application_name, ''), 'no application name'), a.state,
  left(regexp_replace(a.query, '\s+', ' ', 'g'), 120))
from pg_stat_activity a
where a.datname = current_database() and a.state like 'idle in transaction%'
  and a.pid <> pg_backend_pid() and a.application_name <> 'gauntlet-observe'
union all
select format('prepared transaction %L of %s', p.gid, p.owner)
from pg_prepared_xacts p where p.database = current_database()
order by 1)";

constexpr const char* running_statements = R"(
select format('session %s (%s): %s', a.pid,
  coalesce(nullif(a.application_name, ''), 'no application name'),
  left(regexp_replace(a.query, '\s+', ' ', 'g'), 120))
from pg_stat_activity a
where a.datname = current_database() and a.state in ('active', 'fastpath function call')
  and a.backend_type = 'client backend'
  and a.pid <> pg_backend_pid() and a.application_name <> 'gauntlet-observe'
order by 1)";

std::vector<std::string> lines(const Rows& rows) {
  std::vector<std::string> all;
  for (const Row& row : rows) all.push_back(text_of(row.at(0)));
  return all;
}

// Statements of their own: within one transaction pg_stat_activity would not change.
core::Leftovers look(Reader& reader) {
  return {.advisory_locks = lines(reader.ask(advisory_locks)),
          .open_transactions = lines(reader.ask(open_transactions)),
          .running_statements = lines(reader.ask(running_statements))};
}

bool is_clean(const core::Leftovers& left) {
  return left.advisory_locks.empty() && left.open_transactions.empty() &&
         left.running_statements.empty();
}

}  // namespace

core::Leftovers read_leftovers(Reader& reader, std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds interval{20};
  const Clock::time_point deadline = Clock::now() + patience;
  core::Leftovers left = look(reader);
  while (!is_clean(left) && Clock::now() < deadline) {
    reader.pause(interval);
    left = look(reader);
  }
  return left;
}

core::Leftovers leftovers(const arena::Address& address, std::chrono::milliseconds patience) {
  if (!address.file().empty()) return leftovers_of_file(address, patience);
  Reader reader(address);
  return read_leftovers(reader, patience);
}

}  // namespace gauntlet::observe
