-- The customer comes with 003; the constraint is checked at the end of 002.
INSERT INTO orders VALUES (1, 7);
