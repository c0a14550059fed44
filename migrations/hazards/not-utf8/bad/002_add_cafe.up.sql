INSERT INTO orders VALUES (1, 350); -- café
