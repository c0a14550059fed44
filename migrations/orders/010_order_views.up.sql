CREATE VIEW open_orders AS
  SELECT o.id, o.status, o.total, o.placed_at, c.full_name AS customer
    FROM orders o
    JOIN customers c ON c.id = o.customer_id
   WHERE o.status NOT IN ('draft', 'shipped', 'cancelled');

CREATE VIEW sales_by_category AS
  SELECT p.category,
         sum(l.quantity)::bigint AS pieces,
         sum(l.amount)::bigint AS net,
         round(sum(l.amount * p.tax_rate))::bigint AS tax
    FROM order_lines l
    JOIN products p USING (sku)
    JOIN orders o ON o.id = l.order_id
   WHERE o.status IN ('paid', 'shipped')
   GROUP BY p.category;

COMMENT ON VIEW open_orders IS 'placed or paid, and not yet sent';
