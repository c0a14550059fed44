CREATE TABLE products (
  sku         text PRIMARY KEY CHECK (sku ~ '^[A-Z]{3}-[0-9]{4}$'),
  title       text NOT NULL,
  category    text NOT NULL,
  price       cents NOT NULL,
  weight_gram integer NOT NULL CHECK (weight_gram > 0),
  attributes  jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT products_title_key UNIQUE (category, title)
);

CREATE TABLE freight_rates (
  region       text NOT NULL,
  up_to_gram   integer NOT NULL CHECK (up_to_gram > 0),
  price        cents NOT NULL,
  PRIMARY KEY (region, up_to_gram)
);
