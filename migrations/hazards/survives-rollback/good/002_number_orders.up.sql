CREATE SEQUENCE order_numbers START 1001;
ALTER TABLE orders ALTER COLUMN id SET DEFAULT nextval('order_numbers');
