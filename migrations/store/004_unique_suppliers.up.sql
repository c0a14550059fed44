-- gauntlet: rebuild
-- SQLite adds no constraint to a table that is there: the table is made anew, its rows and those
-- that refer to them stay.
CREATE TABLE suppliers_new (
    id integer PRIMARY KEY,
    name text NOT NULL UNIQUE,
    country text
);
INSERT INTO suppliers_new (id, name) SELECT id, name FROM suppliers;
DROP TABLE suppliers;
ALTER TABLE suppliers_new RENAME TO suppliers;
