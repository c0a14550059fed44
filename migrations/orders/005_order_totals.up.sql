-- An order's total always equals the sum of its lines.

CREATE FUNCTION refresh_order_total() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  changed bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.order_id ELSE NEW.order_id END;
BEGIN
  UPDATE orders
     SET total = (SELECT coalesce(sum(amount), 0) FROM order_lines WHERE order_id = changed)
   WHERE id = changed;
  RETURN NULL;
END;
$$;

CREATE TRIGGER order_lines_total
  AFTER INSERT OR DELETE OR UPDATE OF quantity, unit_price ON order_lines
  FOR EACH ROW EXECUTE FUNCTION refresh_order_total();

-- A line belongs to its order for good: the total of only one order would follow.
CREATE FUNCTION refuse_line_move() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'line % cannot move from order % to order %',
    OLD.line_number, OLD.order_id, NEW.order_id
    USING ERRCODE = 'integrity_constraint_violation';
END;
$$;

CREATE TRIGGER order_lines_stay
  BEFORE UPDATE OF order_id ON order_lines
  FOR EACH ROW WHEN (OLD.order_id IS DISTINCT FROM NEW.order_id)
  EXECUTE FUNCTION refuse_line_move();
