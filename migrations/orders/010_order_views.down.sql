DROP VIEW sales_by_category;
DROP VIEW open_orders;
