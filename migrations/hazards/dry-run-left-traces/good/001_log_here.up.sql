CREATE TABLE migration_log (at timestamptz);
