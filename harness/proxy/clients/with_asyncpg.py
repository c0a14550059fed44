# Its own protocol: it prepares behind a Flush, where no ReadyForQuery tells that it was answered.
import asyncio, os
import asyncpg


async def main():
    c = await asyncpg.connect(host=os.environ["HOST"], port=os.environ["PORT"], user=os.environ["USERNAME"],
                              password=os.environ["PASSWORD"], database=os.environ["DATABASE"], ssl=False)
    await c.execute("CREATE TEMP TABLE parcels(id int, name text)")
    await c.executemany("INSERT INTO parcels VALUES ($1, $2)", [(1, "one"), (2, "two")])
    print([tuple(r) for r in await c.fetch("SELECT * FROM parcels WHERE id > $1", 0)])
    print(await c.fetchval("SELECT pg_try_advisory_lock($1)", 4711))
    async with c.transaction():
        async for r in c.cursor("SELECT generate_series(1, 3)"):
            print(r[0])
    print(await c.copy_records_to_table("parcels", records=[(3, "three")]))
    try:
        await c.fetch("SELECT 1/0")
    except asyncpg.PostgresError as e:
        print(e.sqlstate, e)
    await c.close()


asyncio.run(main())
