"""Applies NNN_name.up.sql, as a small program of somebody else's would. How it locks is told to it:
well, in one of the ways that are in use, or with a flaw.

    runner.py up|status FOLDER HOW
"""
import os
import pathlib
import sys
import time
import zlib

import psycopg2

command, folder, how = sys.argv[1:4]


def connect():
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    return connection


def ask(connection, sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


session = connect()
# Where the lock and where the bodies are: a pool gives another connection each time.
lock_session = connect() if how == "unpinned" else session
key = 815
if how == "by-database":
    key = zlib.crc32(ask(session, "SELECT current_database()").encode())
elif how == "by-process":  # which locks out nobody
    key = os.getpid()
TAKES = {
    "session": "SELECT pg_advisory_lock(815)",
    "unpinned": "SELECT pg_advisory_lock(815)",
    "lowers": "SELECT pg_advisory_lock(815)",
    "two-numbers": "SELECT pg_advisory_lock(8, -15)",
    "text": "SELECT pg_advisory_lock(hashtext('runner.py'))",
    "by-database": "SELECT pg_advisory_lock(%d)" % key,
    "by-process": "SELECT pg_advisory_lock(%d)" % key,
    "notes-first": "SELECT pg_advisory_lock(815)",
    "polls": "SELECT pg_try_advisory_lock(815)",
    "ignores": "SELECT pg_try_advisory_lock(815)",
    "skips": "SELECT pg_try_advisory_lock(815)",
    "transaction": "BEGIN; SELECT pg_advisory_xact_lock(815)",
    "table": "BEGIN; LOCK TABLE history IN EXCLUSIVE MODE",
    # A row is the lock. Two statements at the same instant both find none, unless a key forbids it.
    "row-if-none": "INSERT INTO turn SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM turn) RETURNING 1",
    "row-with-key": "INSERT INTO turn VALUES (1) ON CONFLICT DO NOTHING RETURNING 1",
    "row-asked-often": "INSERT INTO turn VALUES (1) ON CONFLICT DO NOTHING RETURNING 1",
    "makes-under-lock": "SELECT pg_advisory_lock(815)",
    "makes-without": "SELECT pg_advisory_lock(815)",
    # Whoever finds the row there goes on all the same.
    "row-ignored": "INSERT INTO turn VALUES (1) ON CONFLICT DO NOTHING RETURNING 1",
}
POLLED = ("polls", "row-if-none", "row-with-key", "row-asked-often")


def lock():
    while True:
        given = ask(lock_session, TAKES[how]) if how in TAKES else True
        if how == "skips" and not given:
            sys.exit()
        if given or how not in POLLED:
            return
        time.sleep(0.002 if how == "row-asked-often" else 0.05)


def unlock():
    if how in ("transaction", "table"):
        ask(session, "COMMIT")
    elif how.startswith("row-"):
        ask(session, "DELETE FROM turn")
    elif how == "table-late":  # when all is done
        ask(session, "BEGIN; LOCK TABLE history IN EXCLUSIVE MODE; COMMIT")
    elif how in TAKES:
        ask(lock_session, TAKES[how].replace("try_", "").replace("_lock(", "_unlock("))


def make_table(definition):
    try:
        ask(session, "CREATE TABLE IF NOT EXISTS " + definition)
    except (
        # Another one made it at the same moment: which of these says so depends on how far it is.
        psycopg2.errors.UniqueViolation,
        psycopg2.errors.DuplicateTable,
        psycopg2.errors.DuplicateObject,
    ):
        pass


def applied():
    if ask(session, "SELECT to_regclass('history')") is None:
        return set()
    with session.cursor() as cursor:
        cursor.execute("SELECT version FROM history")
        return {row[0] for row in cursor.fetchall()}


def apply(file):
    version, name = file.name.removesuffix(".up.sql").split("_", 1)
    if int(version) in applied():
        return
    body = file.read_text().lower() if how == "lowers" else file.read_text()
    statements = body.split(";\n") if how == "piecemeal" else [body]
    with session.cursor() as cursor:
        for statement in filter(str.strip, statements):
            cursor.execute(statement)
        cursor.execute("INSERT INTO history VALUES (%s, %s)", (int(version), name))


if command == "status":
    if how == "waits":
        ask(session, "SELECT pg_advisory_lock(815)")
    print(len(applied()), "applied")
    sys.exit()
if how == "makes-under-lock":
    ask(session, "SELECT pg_advisory_xact_lock(816); CREATE TABLE IF NOT EXISTS history(version bigint, name text)")
elif how == "makes-without":  # and minds no failure
    ask(session, "CREATE TABLE IF NOT EXISTS history(version bigint, name text)")
else:
    make_table("history(version bigint, name text)")
if how.startswith("row-"):
    make_table("turn(one int%s)" % ("" if how == "row-if-none" else " PRIMARY KEY"))
if how == "waits":
    TAKES[how] = TAKES["session"]
if how == "notes-first":  # twice in one transaction, before the lock
    make_table("notes(note text)")
    for statement in ("BEGIN", "UPDATE notes SET note = 'a'", "UPDATE notes SET note = 'b'"):
        ask(session, statement)
    ask(session, "COMMIT")
lock()
for file in sorted(pathlib.Path(folder).glob("*.up.sql")):
    try:
        apply(file)
    except psycopg2.Error:
        if how != "swallows":
            raise
unlock()
