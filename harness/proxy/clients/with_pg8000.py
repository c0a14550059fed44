# Its own protocol, in Python alone: named statements, portals, Flush.
import os
import pg8000
c = pg8000.connect(host=os.environ["HOST"], port=int(os.environ["PORT"]), user=os.environ["USERNAME"],
                   password=os.environ["PASSWORD"], database=os.environ["DATABASE"])
k = c.cursor()
k.execute("CREATE TEMP TABLE parcels(id int, name text)")
k.execute("INSERT INTO parcels VALUES (%s, %s)", (1, "one"))
k.execute("SELECT * FROM parcels WHERE id > %s", (0,))
print(k.fetchall())
c.commit()
try:
    k.execute("SELECT 1/0")
except Exception as e:
    print("22012" if "22012" in str(e) else e)
c.rollback()
c.close()
