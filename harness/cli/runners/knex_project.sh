# Makes a Knex project out of NNN_name.up.sql files: knex_project.sh MIGRATIONS PROJECT
set -eu
migrations=$1 project=$2
mkdir "$project/migrations"
cat >"$project/knexfile.js" <<'JS'
module.exports = {
  client: 'pg',
  connection: process.env.DATABASE_URL,
  migrations: { directory: __dirname + '/migrations' },
}
JS
for file in "$migrations"/*.up.sql; do
  name=$(basename "$file" .up.sql)
  # A question mark is a placeholder to Knex.
  cat >"$project/migrations/$(printf %05d "${name%%_*}")_${name#*_}.js" <<JS
const sql = require('fs').readFileSync('$file', 'utf8')
exports.up = (knex) => knex.raw(sql.replace(/\\?/g, '\\\\?'))
exports.down = () => Promise.resolve()
JS
done
