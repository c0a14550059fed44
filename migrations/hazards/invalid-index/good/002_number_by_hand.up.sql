DROP INDEX IF EXISTS invoices_number;
CREATE UNIQUE INDEX IF NOT EXISTS invoices_number ON invoices (number);
