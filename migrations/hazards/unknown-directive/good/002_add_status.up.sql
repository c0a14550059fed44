-- The word gauntlet: in a sentence is no directive, nor is no-transaction.
ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'new';
