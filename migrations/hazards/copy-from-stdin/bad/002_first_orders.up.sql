COPY orders (id, total_cents) FROM stdin;
1	350
2	1990
\.
