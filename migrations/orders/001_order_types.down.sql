DROP DOMAIN cents;
DROP DOMAIN email_address;
DROP TYPE order_status;
