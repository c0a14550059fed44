DROP POLICY orders_of_one_customer ON orders;
ALTER TABLE orders DISABLE ROW LEVEL SECURITY;
