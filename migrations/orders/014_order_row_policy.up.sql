-- Whoever is not the owner sees the orders of one customer only: `SET shop.customer_id = '7'`.

ALTER TABLE orders ENABLE ROW LEVEL SECURITY;

CREATE POLICY orders_of_one_customer ON orders
  USING (customer_id = nullif(current_setting('shop.customer_id', true), '')::bigint);
