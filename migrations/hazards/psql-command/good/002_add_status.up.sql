ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'new';
COMMENT ON COLUMN orders.status IS '
\set is not a command inside quotes';
