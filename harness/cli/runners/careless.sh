# A runner of a few lines that locks in one session and migrates in another: the lock ends with the
# first psql.
set -e
sql() { psql -qXAt -v ON_ERROR_STOP=1 "$@"; }
sql -c 'SELECT pg_advisory_lock(815)' >/dev/null
sql -c 'CREATE TABLE IF NOT EXISTS history(version bigint, name text)' 2>/dev/null || true
for file in "$1"/*.up.sql; do
  name=$(basename "$file" .up.sql)
  version=${name%%_*}
  [ "$(sql -c "SELECT count(*) FROM history WHERE version = $version")" = 0 ] || continue
  sql -f "$file" >/dev/null
  sql -c "INSERT INTO history VALUES ($version, '${name#*_}')"
done
sql -c 'SELECT pg_advisory_unlock(815)' 2>/dev/null >/dev/null
