CREATE TABLE invoices(id int PRIMARY KEY, number text NOT NULL);
CREATE UNIQUE INDEX invoices_number ON invoices (number);
