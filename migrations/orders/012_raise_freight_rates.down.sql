DELETE FROM freight_rates WHERE region = 'overseas';
UPDATE freight_rates SET price = price - 100;
