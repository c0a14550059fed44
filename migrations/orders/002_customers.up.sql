CREATE TABLE customers (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email      email_address NOT NULL,
  full_name  text NOT NULL CHECK (length(full_name) BETWEEN 1 AND 200),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- One account an address, however it is spelled.
CREATE UNIQUE INDEX customers_email_key ON customers (lower(email::text));

COMMENT ON TABLE customers IS 'people who may place orders; never deleted, only anonymised';
COMMENT ON COLUMN customers.email IS 'unique without regard to case';
