ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'new';
SAVEPOINT filled;
UPDATE orders SET status = 'BEGIN; COMMIT';
RELEASE filled;
