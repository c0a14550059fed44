CREATE VIEW stock_levels AS
SELECT items.id AS item_id, items.name, coalesce(sum(stock_moves.pieces), 0) AS pieces
FROM items LEFT JOIN stock_moves ON stock_moves.item_id = items.id
GROUP BY items.id, items.name;

CREATE TRIGGER no_negative_stock BEFORE INSERT ON stock_moves
WHEN (SELECT coalesce(sum(pieces), 0) FROM stock_moves WHERE item_id = NEW.item_id) + NEW.pieces < 0
BEGIN
    SELECT raise(ABORT, 'more pieces leave than are there');
END;
