// Applies NNN_name.up.sql with Umzug, whose storage is a table of its own: umzug.cjs FOLDER
const fs = require('fs');
const { Client } = require('pg');
const { Umzug } = require('umzug');

const client = new Client({ connectionString: process.env.DATABASE_URL });
const storage = {
  async executed() {
    await client.query('CREATE TABLE IF NOT EXISTS umzug_history(version bigint PRIMARY KEY, name text NOT NULL)');
    return (await client.query('SELECT name FROM umzug_history ORDER BY version')).rows.map((row) => row.name);
  },
  async logMigration({ name }) {
    await client.query('INSERT INTO umzug_history VALUES ($1, $2)', [Number.parseInt(name, 10), name]);
  },
  async unlogMigration({ name }) {
    await client.query('DELETE FROM umzug_history WHERE name = $1', [name]);
  },
};
const umzug = new Umzug({
  migrations: {
    glob: ['*.up.sql', { cwd: process.argv[2] }],
    resolve: ({ name, path }) => ({ name, up: () => client.query(fs.readFileSync(path, 'utf8')) }),
  },
  storage,
  logger: undefined,
});

client
  .connect()
  .then(() => umzug.up())
  .then(() => client.end())
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
