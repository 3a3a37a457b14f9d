#!/usr/bin/env python3
"""Weighs a node that has nothing to do: with schedules that are not due, and integrations that sleep.

Prints two JSON lines a round: resident memory, and the share of a core that it uses over a minute.
"""
import os
import pathlib
import sqlite3
import time

from bench_node import new_node, parser_of, tell

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
    due = now + 7_200_000_000
    fill = ("INSERT INTO integrations (id, service, name, config, status, frequency_us, last_triggered_at, "
            "last_successful_update_at, consecutive_failures, next_due_at, created_at, updated_at) "
            f"WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
            f"SELECT i, 'monzo', 'integration ' || i, '{{}}', 0, 86400000000, {now}, {now}, 0, {due} + i * 100000, {now}, "
            f"{now} FROM n")
    order = "INSERT INTO due_integrations (next_due_at, integration_id) SELECT next_due_at, id FROM integrations"
    if node.server:
        node.server.rows(f"{fill}; {order}; ANALYZE")
        return
    with sqlite3.connect(node.folder / "data" / "penstock.db", timeout=60) as database:
        database.execute(fill)
        database.execute(order)


def one_round(options, number):
    with new_node(options, "[connectors.probe]\nenabled = true\n") as node:
        node.start()
        add_schedules(node, options.schedules)
        node.stop()
        add_integrations(node, options.integrations)
        node.start()
        time.sleep(10)  # what a start sets going has ended
        before = cpu_seconds(node.process)
        time.sleep(options.seconds)
        used = cpu_seconds(node.process) - before
        told = {"schedules": options.schedules, "integrations": options.integrations, "seconds": options.seconds}
        tell(options, number, "idle.resident", round(resident_mib(node.process), 1), "MiB", **told)
        tell(options, number, "idle.cpu", round(100 * used / options.seconds, 3), "% of a core", **told)
        node.stop()


def main():
    parser = parser_of(__doc__, rounds=1)
    parser.add_argument("--schedules", type=int, default=1_000)
    parser.add_argument("--integrations", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    for number in range(1, options.rounds + 1):
        one_round(options, number)


if __name__ == "__main__":
    main()
