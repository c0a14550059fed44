\set ON_ERROR_STOP on
ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'new';
