-- What the shop sells and what it costs to send it, on the day it opens.

INSERT INTO products (sku, title, category, price, weight_gram, attributes) VALUES
  ('BOK-0001', 'The Art of the Rollback', 'book',    3900,  640, '{"pages": 412}'),
  ('BOK-0002', 'Locks in Practice',       'book',    4500,  710, '{"pages": 388}'),
  ('BOK-0003', 'Größere Tabellen',        'book',    2950,  480, '{"pages": 240, "language": "de"}'),
  ('MUG-0001', 'Enamel mug',              'kitchen', 1250,  310, '{"colour": "blue"}'),
  ('MUG-0002', 'Stoneware mug',           'kitchen', 1690,  420, '{"colour": "grey"}'),
  ('PEN-0001', 'Fountain pen',            'office',  5400,   45, '{"nib": "F"}'),
  ('PEN-0002', 'Ink, 50 ml',              'office',   890,  160, '{"colour": "black"}');

INSERT INTO freight_rates (region, up_to_gram, price) VALUES
  ('domestic',  1000,  490),
  ('domestic', 10000,  690),
  ('europe',    1000,  990),
  ('europe',   10000, 1690);

-- Orders taken at the counter belong to this account.
INSERT INTO customers (email, full_name, created_at) VALUES
  ('counter@shop.example', 'Counter sales', '2024-01-02 09:00:00+00');
