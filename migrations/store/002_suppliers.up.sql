CREATE TABLE suppliers (
    id integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE item_suppliers (
    item_id integer NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    supplier_id integer NOT NULL REFERENCES suppliers (id) ON DELETE CASCADE,
    PRIMARY KEY (item_id, supplier_id)
) WITHOUT ROWID;

INSERT INTO suppliers (name) VALUES ('unknown supplier');
