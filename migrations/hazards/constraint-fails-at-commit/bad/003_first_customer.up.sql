INSERT INTO customers VALUES (7);
