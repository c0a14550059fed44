DELETE FROM accounts WHERE balance <= 0;
ALTER TABLE accounts ADD CONSTRAINT balance_positive CHECK (balance > 0);
