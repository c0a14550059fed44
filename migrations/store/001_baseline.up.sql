-- What the store kept before it had migrations. IF NOT EXISTS: an old database has most of it.
CREATE TABLE IF NOT EXISTS items (
    id integer PRIMARY KEY,
    name text NOT NULL UNIQUE,
    price_cents integer NOT NULL CHECK (price_cents >= 0)
);

CREATE TABLE IF NOT EXISTS stock_moves (
    id integer PRIMARY KEY,
    item_id integer NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    pieces integer NOT NULL,
    moved_at text NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);

CREATE INDEX IF NOT EXISTS stock_moves_item ON stock_moves (item_id);
