# libpq's extended protocol: binary values, prepared statements, a pipeline.
import os
import psycopg
c = psycopg.connect(os.environ["URL"])
k = c.cursor(binary=True)
k.execute("CREATE TEMP TABLE parcels(id int, name text)")
k.executemany("INSERT INTO parcels VALUES (%s, %s)", [(1, "one"), (2, "two")])
print(k.execute("SELECT * FROM parcels WHERE id > %s", (0,)).fetchall())
with c.pipeline():
    a, b = c.execute("SELECT 1"), c.execute("SELECT 2")
print(a.fetchall(), b.fetchall())
c.commit()
try:
    c.execute("SELECT 1/0")
except psycopg.Error as e:
    print(e.sqlstate, e)
c.rollback()
c.close()
