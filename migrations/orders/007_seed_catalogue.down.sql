DELETE FROM customers WHERE email = 'counter@shop.example';
DELETE FROM freight_rates;
DELETE FROM products;
