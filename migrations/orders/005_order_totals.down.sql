DROP TRIGGER order_lines_stay ON order_lines;
DROP FUNCTION refuse_line_move();
DROP TRIGGER order_lines_total ON order_lines;
DROP FUNCTION refresh_order_total();
