INSERT INTO orders (id, total_cents) VALUES (1, 350), (2, 1990);
