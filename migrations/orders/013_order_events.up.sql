-- Every change of an order's status, in the order in which it happened.

CREATE TABLE order_events (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id   bigint NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  old_status order_status,
  new_status order_status NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX order_events_order_idx ON order_events (order_id, id);

CREATE FUNCTION record_order_event() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO order_events (order_id, old_status, new_status)
  VALUES (NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status);
  RETURN NULL;
END;
$$;

CREATE TRIGGER orders_created
  AFTER INSERT ON orders
  FOR EACH ROW EXECUTE FUNCTION record_order_event();

CREATE TRIGGER orders_status_changed
  AFTER UPDATE OF status ON orders
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
  EXECUTE FUNCTION record_order_event();

-- Orders that are older than this table start with the status they have.
INSERT INTO order_events (order_id, new_status, changed_at)
SELECT id, status, coalesce(placed_at, '2024-01-02 09:00:00+00') FROM orders ORDER BY id;
