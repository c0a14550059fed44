#!/usr/bin/env python3
"""A small runner, and with FLAW=NAME the same with one flaw: a subject for the tests of this room.

It reads NNN_name.up.sql of a folder. Each is a transaction of its own, record included; one that
says `-- gauntlet: no-transaction` is marked before it runs, and a mark that is found stops it.
"""
import os, pathlib, re, sys, time
import psycopg2

FLAW = os.environ.get("FLAW", "")
MARK = "-- gauntlet: no-transaction"


def main(url, folder):
    db = psycopg2.connect(url)
    db.autocommit = True
    run = db.cursor().execute
    ask = lambda sql, *values: (lambda c: (c.execute(sql, values), c.fetchall())[1])(db.cursor())
    take_lock(db, run, ask)
    if FLAW == "lock-timeout":  # no flaw: it gives up where others would stand behind it
        run("SET lock_timeout = '300ms'")
    key = "" if FLAW.endswith("no-key") else "PRIMARY KEY"
    run(f"CREATE TABLE IF NOT EXISTS applied (version int {key}, unfinished bool NOT NULL)")
    if FLAW == "referenced":  # no flaw: another table speaks of the tracker
        run("CREATE TABLE IF NOT EXISTS applied_notes (version int REFERENCES applied)")
    try:
        done = dict(ask("SELECT version, unfinished FROM applied"))
    except psycopg2.Error:
        if not FLAW.startswith("any-error-is-missing-table"):
            raise
        done = {}
    for path in ups_of(pathlib.Path(folder)):
        version, sql = int(path.name.split("_")[0]), path.read_text()
        if done.get(version) and FLAW != "resumes-blindly":
            sys.exit(f"{path.name} was interrupted. Look what it has done, finish it by hand, and "
                     f"run: UPDATE applied SET unfinished = false WHERE version = {version}")
        if version not in done or done[version]:
            apply_one(run, version, sql, version in done)
    if FLAW.startswith("lock-row"):
        run("DELETE FROM applied_lock")
    if FLAW.startswith("unlocks"):  # a flaw only if it does not look at what the server answers
        is_unlocked = ask("SELECT pg_advisory_unlock(4711)")[0][0]
        if not is_unlocked and FLAW != "unlocks-blindly":
            sys.exit("the lock was lost before the work was done")


def ups_of(folder):
    names = sorted(path.name for path in folder.glob("*.sql"))
    for name in names:
        if FLAW != "passes-over" and not re.match(r"\d+_.+\.(up|down)\.sql$", name):
            print(f"{name} is not read: it is not called NNN_name.up.sql", file=sys.stderr)
    ups = [name for name in names if re.match(r"\d+_.+\.up\.sql$", name)]
    numbers = [int(name.split("_")[0]) for name in ups]
    for number in numbers:
        if FLAW != "keeps-one-of-two" and numbers.count(number) > 1:
            sys.exit(f"there are two migrations of number {number}")
    return [folder / name for name in ups]


def take_lock(db, run, ask):
    if FLAW == "no-lock":
        return
    if FLAW == "goes-on-without-lock":
        try:
            return run("SELECT pg_advisory_lock(4711)")
        except psycopg2.errors.LockNotAvailable:
            return
    if not FLAW.startswith("lock-row"):
        return run("SELECT pg_advisory_lock(4711)")
    run("CREATE TABLE IF NOT EXISTS applied_lock (held bool PRIMARY KEY)")
    try:
        run("INSERT INTO applied_lock VALUES (true)")
    except psycopg2.errors.UniqueViolation:
        if FLAW == "lock-row-waits":
            while ask("SELECT 1 FROM applied_lock"):
                time.sleep(0.05)
            return take_lock(db, run, ask)
        sys.exit("another one is at work")


def apply_one(run, version, sql, again):
    record = "INSERT INTO applied VALUES (%s, false)"
    statements = [s for s in sql.replace(MARK, "").split(";") if s.strip()]
    if MARK in sql:
        if not again:
            run("INSERT INTO applied VALUES (%s, true)", [version])
        for statement in statements:
            run(statement)
        return run("UPDATE applied SET unfinished = false WHERE version = %s", [version])
    if FLAW == "one-message":
        values = f"INSERT INTO applied VALUES ({version}, false)"
        return run("; ".join(["BEGIN", *statements, values, "COMMIT"]))
    if FLAW == "begins-in-a-batch":
        run("BEGIN; SELECT 1")
        return (run("; ".join(statements)), run(record, [version]), run("COMMIT"))
    if FLAW == "records-first":
        run(record, [version])
    run("BEGIN")
    for statement in statements:
        run(statement)
    if FLAW not in ("records-outside", "records-first"):
        run(record, [version])
    try:
        run("COMMIT")
    except psycopg2.Error:
        if FLAW != "ignores-lost-commit":
            raise
        sys.exit(0)
    if FLAW == "records-outside":
        run(record, [version])


try:
    main(*sys.argv[1:])
except psycopg2.Error as error:
    print(error, file=sys.stderr)
    sys.exit(0 if FLAW == "swallows-errors" else 1)
