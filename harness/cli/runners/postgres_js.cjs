// Applies NNN_name.up.sql, as a small program on postgres.js would: it prepares what it asks, and
// waits for an answer by Flush. postgres_js.cjs MIGRATIONS
const fs = require('fs')
const path = require('path')
const postgres = require('postgres')

const folder = process.argv[2]

async function apply(sql, file) {
  const [, version, name] = file.match(/^(\d+)_(.*)\.up\.sql$/)
  if ((await sql`SELECT 1 FROM history WHERE version = ${version}`).length > 0) return
  await sql.begin(async (transaction) => {
    await transaction.unsafe(fs.readFileSync(path.join(folder, file), 'utf8')).simple()
    await transaction`INSERT INTO history VALUES (${version}, ${name})`
  })
}

async function main() {
  const sql = postgres(process.env.DATABASE_URL, { max: 1, onnotice: () => {} })
  try {
    await sql`SELECT pg_advisory_lock(4711)`
    await sql`CREATE TABLE IF NOT EXISTS history(version bigint PRIMARY KEY, name text)`
    const files = fs.readdirSync(folder).filter((file) => file.endsWith('.up.sql'))
    files.sort((a, b) => parseInt(a) - parseInt(b))
    for (const file of files) await apply(sql, file)
    await sql`SELECT pg_advisory_unlock(4711)`
  } finally {
    await sql.end()
  }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
