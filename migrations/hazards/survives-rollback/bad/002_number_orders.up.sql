CREATE SEQUENCE order_numbers;
SELECT setval('order_numbers', 1000);
