-- Data only, and not idempotent: run twice, every parcel would cost a euro more.
UPDATE freight_rates SET price = price + 100;

INSERT INTO freight_rates (region, up_to_gram, price) VALUES
  ('overseas',  1000, 1990),
  ('overseas', 10000, 4990)
