"""Applies NNN_name.up.sql with one flaw, the same at every start; `FLAW.ok` is the same runner
without it. One advisory lock, the tracker `history`.

    flawed.py FLAW FOLDER
"""
import os
import pathlib
import re
import sys

import psycopg2

how, folder = sys.argv[1:3]
flawed = not how.endswith(".ok")
flaw = how.removesuffix(".ok") if flawed else None
RECORD = "INSERT INTO history VALUES (%s, %s) ON CONFLICT DO NOTHING"
LARGE = 64 * 1024


def ask(sql, *values):
    with session.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall() if cursor.description else []


def pending():
    done = {row[0] for row in ask("SELECT version FROM history")}
    found = []
    for file in pathlib.Path(folder).glob("*.up.sql"):
        version, name = re.match(r"(\d+)_(.*)\.up\.sql$", file.name).groups()
        if int(version) not in done:
            found.append((int(version), name, file.read_bytes().decode()))
    return sorted(found, reverse=flaw == "newest-first")


def statements(sql):
    if flaw == "splits-at-semicolons":  # also at one inside a string or a body
        parts = sql.split(";")
    else:
        parts = re.split(r";\n", sql)
    return [part for part in parts if part.strip()]


def run_body(sql):
    if flaw == "first-of-each-line":
        sql = "\n".join(line.split(";")[0] + ";" for line in sql.splitlines())
    text = sql.removeprefix("\ufeff")
    if flaw == "splits-at-semicolons":
        for part in statements(text):
            ask(part)
    else:
        ask(text)


def apply_in_one(version, name, sql):
    """The honest way: body and record in one transaction."""
    ask("BEGIN")
    run_body(sql)
    if flaw == "body-twice":
        ask("SAVEPOINT again")
        try:
            run_body(sql)
        except psycopg2.Error:
            ask("ROLLBACK TO SAVEPOINT again")
    ask(RECORD, version, name)
    ask("COMMIT")


def apply(version, name, sql):
    if flaw == "skips-marked" and sql.startswith("\ufeff"):
        return ask(RECORD, version, name)
    if flaw == "skips-large" and len(sql) > LARGE:
        return ask(RECORD, version, name)
    if flaw == "record-first":  # and a failing body is passed over
        ask(RECORD, version, name)
        try:
            run_body(sql)
        except psycopg2.Error as error:
            print("warning:", error)
        return None
    if flaw == "record-first-by-statement":  # each statement commits by itself
        ask(RECORD, version, name)
        for part in statements(sql.removeprefix("\ufeff")):
            ask(part)
        return None
    if flaw == "tries-again":  # whatever the error is, and gives up in silence
        for _ in range(3):
            try:
                return apply_in_one(version, name, sql)
            except psycopg2.Error:
                ask("ROLLBACK")
        return ask(RECORD, version, name)
    if flaw == "exists-is-success":
        try:
            return apply_in_one(version, name, sql)
        except psycopg2.Error as error:
            ask("ROLLBACK")
            if "already exists" not in str(error):
                raise
            return ask(RECORD, version, name)
    return apply_in_one(version, name, sql)


session = psycopg2.connect(os.environ["DATABASE_URL"])
session.autocommit = True
ask("SELECT pg_advisory_lock(60917)")
if flaw == "never-commits":
    ask("BEGIN")
ask("CREATE TABLE IF NOT EXISTS history(version bigint PRIMARY KEY, name text NOT NULL)")
todo = pending()
if flaw == "last-only":
    for version, name, _ in todo[:-1]:
        ask(RECORD, version, name)
    todo = todo[-1:]
for version, name, sql in todo:
    if flaw == "never-commits":
        run_body(sql)
        ask(RECORD, version, name)
    else:
        apply(version, name, sql)
    print("applied", version, name)
if flaw != "never-commits":
    ask("SELECT pg_advisory_unlock(60917)")
