#!/usr/bin/env python3
"""Weighs a node that has nothing to do: with schedules that are not due, and integrations that sleep.

Prints two JSON lines a round: resident memory, and the share of a core that it uses over a minute.
"""
import argparse
import json
import os
import pathlib
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "end_to_end"))
from real_node import Node  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")


def resident_mib(process):
    lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def add_schedules(node, count):
    """Due once a day, spread over it, none within the next hours."""
    hours = [(time.gmtime().tm_hour + 3 + i % 18) % 24 for i in range(count)]
    for i, hour in enumerate(hours):
        node.call("POST", "/api/v1/schedules", {"name": f"idle-{i}", "cron": f"{i % 60} {hour} * * *", "kind": "probe.noop",
                                                "time_zone": "Europe/Berlin" if i % 2 else "UTC"})


def add_integrations(node, count):
    """As a year of daily syncs would leave them."""
    now = int(time.time() * 1e6)
    with sqlite3.connect(node.folder / "data" / "penstock.db", timeout=60) as database:
        database.execute(
            "INSERT INTO integrations (id, service, name, config, status, frequency_us, last_triggered_at, "
            "last_successful_update_at, consecutive_failures, next_due_at, created_at, updated_at) "
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i, 'monzo', "
            "'integration ' || i, '{}', 0, 86400000000, ?, ?, 0, ? + i * 100000, ?, ? FROM n",
            (count, now, now, now + 7_200_000_000, now, now))
        database.execute("INSERT INTO due_integrations (next_due_at, integration_id) SELECT next_due_at, id FROM integrations")


def one_round(options, number):
    with tempfile.TemporaryDirectory(prefix="penstock-idle-", dir=options.folder) as folder:
        node = Node(options.programs, folder, "[connectors.probe]\nenabled = true\n")
        node.start()
        add_schedules(node, options.schedules)
        node.stop()
        add_integrations(node, options.integrations)
        node.start()
        time.sleep(10)  # what a start sets going has ended
        before = cpu_seconds(node.process)
        time.sleep(options.seconds)
        used = cpu_seconds(node.process) - before
        told = {"schedules": options.schedules, "integrations": options.integrations, "seconds": options.seconds,
                "database": "sqlite", "synchronous": "full", "round": number}
        print(json.dumps({"workload": "idle.resident", "value": round(resident_mib(node.process), 1), "unit": "MiB", **told}))
        print(json.dumps({"workload": "idle.cpu", "value": round(100 * used / options.seconds, 3), "unit": "% of a core",
                          **told}), flush=True)
        node.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True, help="folder of the program penstock")
    parser.add_argument("--schedules", type=int, default=1_000)
    parser.add_argument("--integrations", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--folder", default="/var/tmp", help="where the database is made: a real disk")
    options = parser.parse_args()
    for number in range(1, options.rounds + 1):
        one_round(options, number)


if __name__ == "__main__":
    main()
