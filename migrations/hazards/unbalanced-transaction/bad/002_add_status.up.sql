-- gauntlet: no-transaction
BEGIN;
ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'new';
UPDATE orders SET status = 'old';
