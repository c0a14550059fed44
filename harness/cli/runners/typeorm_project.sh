# Makes a TypeORM project out of NNN_name.up.sql files: typeorm_project.sh MIGRATIONS PROJECT
set -eu
migrations=$1 project=$2
mkdir "$project/migrations"
cat >"$project/data-source.js" <<'JS'
const { DataSource } = require('typeorm')
module.exports = {
  source: new DataSource({
    type: 'postgres',
    url: process.env.DATABASE_URL,
    migrations: [__dirname + '/migrations/*.js'],
    migrationsTransactionMode: 'each',
  }),
}
JS
for file in "$migrations"/*.up.sql; do
  name=$(basename "$file" .up.sql)
  # The number ends the class's name, in the place of a time in milliseconds.
  cat >"$project/migrations/$name.js" <<JS
const sql = require('fs').readFileSync('$file', 'utf8')
module.exports.Step = class {
  name = '$(printf 'Step%013d' "${name%%_*}")'
  async up(runner) { await runner.query(sql) }
  async down() {}
}
JS
done
