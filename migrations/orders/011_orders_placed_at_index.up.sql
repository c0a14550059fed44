-- gauntlet: no-transaction
-- Built while orders keep coming in.
CREATE INDEX CONCURRENTLY orders_placed_at_idx ON orders (placed_at) WHERE placed_at IS NOT NULL;
