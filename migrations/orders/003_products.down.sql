DROP TABLE freight_rates;
DROP TABLE products;
