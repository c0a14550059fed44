CREATE TABLE orders (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers (id),
  status      order_status NOT NULL DEFAULT 'draft',
  total       cents NOT NULL DEFAULT 0,
  placed_at   timestamptz,
  replaces_id bigint,
  CONSTRAINT orders_placed_has_a_time CHECK (status = 'draft' OR placed_at IS NOT NULL),
  CONSTRAINT orders_replaces_another CHECK (replaces_id <> id),
  -- Deferred, so that an import may bring an order before the one that it replaces.
  CONSTRAINT orders_replaces_fkey FOREIGN KEY (replaces_id) REFERENCES orders (id)
    DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX orders_customer_idx ON orders (customer_id);

CREATE TABLE order_lines (
  order_id    bigint NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  line_number integer NOT NULL CHECK (line_number > 0),
  sku         text NOT NULL REFERENCES products (sku) ON UPDATE CASCADE,
  quantity    integer NOT NULL CHECK (quantity BETWEEN 1 AND 999),
  unit_price  cents NOT NULL,
  amount      bigint GENERATED ALWAYS AS (quantity * unit_price) STORED,
  PRIMARY KEY (order_id, line_number)
);
