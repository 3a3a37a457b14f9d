#!/usr/bin/env python3
"""Measures what a PostgreSQL server does by itself, through its own clients: the limit beside W1, W2 and W3 of bench/README.md.

One table of jobs of 200 bytes with a key and an index. Prints one JSON line a figure and round: rows a second by COPY, by
statements of 1,000 rows on two connections, and one row a transaction on 32; rows claimed 500 at a time on two connections;
and full cycles, insert, claim and removal, each a transaction of 500 rows. Wants psql and pgbench of the server's version.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

TABLE = """DROP SCHEMA IF EXISTS postgresql_alone CASCADE; CREATE SCHEMA postgresql_alone; SET search_path = postgresql_alone;
CREATE TABLE jobs (id BIGSERIAL PRIMARY KEY, queue INT NOT NULL DEFAULT 1, state INT NOT NULL DEFAULT 0, run_at BIGINT NOT NULL
DEFAULT 1, args TEXT NOT NULL); CREATE INDEX jobs_waiting ON jobs (queue, run_at, id) WHERE state = 0;
CREATE INDEX jobs_active ON jobs (id) WHERE state = 1;"""
ARGS = "x" * 200
FILL = "INSERT INTO postgresql_alone.jobs (args) SELECT '" + ARGS + "' FROM generate_series(1, {rows}); "
CLAIM = ("UPDATE postgresql_alone.jobs SET state = 1 WHERE id IN (SELECT id FROM postgresql_alone.jobs WHERE queue = 1 "
         "AND state = 0 ORDER BY queue, run_at, id LIMIT 500 FOR UPDATE SKIP LOCKED);\n")
REMOVE = ("DELETE FROM postgresql_alone.jobs WHERE id IN (SELECT id FROM postgresql_alone.jobs WHERE state = 1 ORDER BY id "
          "LIMIT 500 FOR UPDATE SKIP LOCKED);\n")


def insert_of(rows):
    return "INSERT INTO postgresql_alone.jobs (args) VALUES " + ", ".join([f"('{ARGS}')"] * rows) + ";\n"


def find_pgbench():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench")) or [shutil.which("pgbench")]
    if not found[-1]:
        sys.exit("postgresql_alone: pgbench is not installed: it comes with the server's package")
    return str(found[-1])


def sql(options, text):
    subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", options.url], input=text, text=True, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def transactions(options, folder, script, clients, count):
    """A second, of `count` on each client."""
    path = folder / "script.sql"
    path.write_text(script)
    told = subprocess.run([options.pgbench, "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-t", str(count), "-f", path,
                           options.url], capture_output=True, text=True, timeout=600)
    rate = re.search(r"tps = ([\d.]+) \(without", told.stdout)
    if told.returncode != 0 or not rate:
        sys.exit(f"postgresql_alone: pgbench failed:\n{told.stderr[-1000:]}")
    return float(rate.group(1))


def copied(options, folder):
    path = folder / "rows"
    path.write_text(f"{ARGS}\n" * options.rows)
    begin = time.monotonic()
    sql(options, f"\\copy postgresql_alone.jobs (args) FROM '{path}'\n")
    return options.rows / (time.monotonic() - begin)


def one_round(options, number, folder):
    def tell(what, value):
        print(json.dumps({"workload": f"postgresql_alone.{what}", "value": round(value), "unit": "rows/s",
                          "database": "postgresql", "synchronous": "full", "round": number}), flush=True)

    def on_new_table(waiting=0):
        sql(options, TABLE + (FILL.format(rows=waiting) if waiting else "") + "ANALYZE jobs;")

    on_new_table()
    tell("copy", copied(options, folder))
    on_new_table()
    tell("inserts_of_1000", 1000 * transactions(options, folder, insert_of(1000), 2, options.rows // 2000))
    on_new_table()
    tell("inserts_of_1", transactions(options, folder, insert_of(1), 32, options.rows // 320))
    on_new_table(waiting=options.rows)
    tell("claims_of_500", 500 * transactions(options, folder, CLAIM, 2, options.rows // 1000))
    on_new_table()
    tell("cycles_of_500", 500 * transactions(options, folder, insert_of(500) + CLAIM + REMOVE, 2, options.rows // 5000))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="of a database in which the schema postgresql_alone may go")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=300_000)
    options = parser.parse_args()
    options.pgbench = find_pgbench()
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        for number in range(1, options.rounds + 1):
            one_round(options, number, pathlib.Path(folder))
    sql(options, "DROP SCHEMA postgresql_alone CASCADE;")


if __name__ == "__main__":
    main()
