-- The vocabulary that every later table is written in.

CREATE TYPE order_status AS ENUM ('draft', 'placed', 'paid', 'cancelled');

CREATE DOMAIN email_address AS text
  CHECK (VALUE ~ '^[^@[:space:]]+@[^@[:space:]]+$');

CREATE DOMAIN cents AS bigint
  CHECK (VALUE >= 0);

COMMENT ON DOMAIN cents IS 'an amount of money in hundredths of the currency unit';
