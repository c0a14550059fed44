GRANT SELECT ON TABLE orders TO reporting;
