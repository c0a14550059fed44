-- What a CREATE INDEX CONCURRENTLY that failed leaves, made by hand; IF NOT EXISTS takes it for done.
UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = 'invoices_number'::regclass;
CREATE UNIQUE INDEX IF NOT EXISTS invoices_number ON invoices (number);
