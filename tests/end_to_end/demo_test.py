#!/usr/bin/env python3
"""What scripts/run shows people, with the programs that are built.

  demo_test.py once --programs DIR   starts, syncs, stores what the sandbox serves, ends; and goes on where it was

Prints what it saw; exits 0 only if it is what it must be.
"""
import json
import pathlib
import signal
import socket
import sqlite3
import subprocess
import sys
import time

from queue_test import expect
from real_node import free_port, run_case

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "run"
MINUTE = 60
# What the demo's sandbox holds at its start; some of it changes while it runs.
LEAST = {"monzo_transactions": 6000, "monzo_pots": 3, "monzo_balances": 3, "health_metrics": 5000, "health_workouts": 1,
         "shop_items": 2000}


def demo(options, data, *words, limit=MINUTE):
    """How scripts/run ended, and what it said."""
    run = subprocess.Popen([SCRIPT, "--data", data, "--programs", options.programs, *map(str, words)], text=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        said, _ = run.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGTERM)  # it ends what it started
        said, _ = run.communicate(timeout=limit)
        sys.exit(f"demo_test: scripts/run did not end within {limit} s:\n{said}")
    return run.returncode, said


def told(said, what):
    return json.loads(next(line for line in said.splitlines() if line.startswith(what)).removeprefix(what))


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return True
    except OSError:
        return False


def once(options, folder):
    data = pathlib.Path(folder) / "data"
    ports = (free_port(), free_port())
    begun = time.monotonic()
    status, said = demo(options, data, "--once", "--port", ports[0], "--sandbox-port", ports[1])
    print(said)
    expect(f"after {time.monotonic() - begun:.1f} s it ends with", status, 0)
    stored = told(said, "stored by the node:")
    expect("stored is what was served", stored, told(said, "served by the sandbox:"))
    expect("tables", sorted(stored), sorted(LEAST))
    expect("tables that lack rows", {name: stored[name]["rows"] for name, least in LEAST.items() if stored[name]["rows"] < least}, {})
    with sqlite3.connect(f"file:{data}/penstock.db?mode=ro", uri=True) as database:
        rows = lambda sql: database.execute(sql).fetchall()
        in_use = lambda table: rows(f"SELECT count(*) FROM {table}" + ("" if "health" in table else " WHERE deleted_at IS NULL"))
        expect("rows that are there", {name: in_use(name)[0][0] for name in LEAST if name != "monzo_balances"},
               {name: stored[name]["rows"] for name in LEAST if name != "monzo_balances"})
        expect("jobs that failed, rows in error", rows("SELECT (SELECT count(*) FROM jobs WHERE state = 4), "
                                                       "(SELECT count(*) FROM row_errors)"), [(0, 0)])
        integrations = rows("SELECT service FROM integrations ORDER BY service")
    database.close()
    expect("integrations", [row[0] for row in integrations], ["apple_health", "demo_shop", "monzo"])
    expect("what it leaves running", [port for port in ports if answers(port)], [])

    status, said = demo(options, data, "--once", "--port", ports[0], "--sandbox-port", ports[1])
    expect("started again it ends with", status, 0)
    expect("and has at least what it had", [name for name, held in told(said, "stored by the node:").items()
                                            if held["rows"] < stored[name]["rows"] and name != "monzo_pots"], [])
    with sqlite3.connect(f"file:{data}/penstock.db?mode=ro", uri=True) as database:
        expect("integrations", [row for row in database.execute("SELECT service FROM integrations ORDER BY service")], integrations)
    database.close()
    expect("a demo without its providers", demo(options, data, "--once", "--no-demo")[0], 2)


if __name__ == "__main__":
    run_case(__doc__, {"once": once})
