-- The new value is usable only once this file is committed: 010 is the first to name it.
ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'shipped' AFTER 'paid';
