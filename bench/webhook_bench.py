#!/usr/bin/env python3
"""Measures how many webhooks a real node takes, each durable before it is answered.

Prints one JSON line a round: deliveries a second over keep-alive connections, one delivery at a time on each, client
included. The queue of their jobs is paused, so that only the intake is timed; what was stored is counted at the end.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "end_to_end"))
from real_node import Node, PostgreSQL  # noqa: E402


def deliver(options, node, path):
    wanted = {"mode": "one", "n": options.deliveries, "conc": options.connections, "path": path}
    client = subprocess.Popen([pathlib.Path(options.programs) / "penstock-bench-client", "produce", json.dumps(wanted)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PQ_DATA": str(node.folder / "data"), "PQ_SERVER_PORT": str(node.port)})
    assert client.stdout.readline().strip() == "READY"
    client.stdin.write("GO\n")
    client.stdin.flush()
    _, count, begin, end = client.stdout.readline().split()
    client.communicate("STOP\n", timeout=60)
    return int(count) / ((float(end) - float(begin)) / 1000)


def round_of(options, folder):
    server = PostgreSQL(pathlib.Path(folder) / "server") if options.postgresql else None
    settings = "[connectors.probe]\nenabled = true\n"
    if not server:
        settings = f'[database]\nsynchronous = "{options.synchronous}"\n' + settings
    node = Node(options.programs, pathlib.Path(folder) / "node", settings, server=server)
    node.start()
    made = node.call("POST", "/api/v1/integrations", {"service": "probe"})
    node.call("POST", "/api/v1/queues/webhook/pause")
    path = "/webhooks" + made["webhook"]["url"].partition("/webhooks")[2]
    rate = deliver(options, node, path)
    stored = node.rows("SELECT count(*) FROM v_jobs WHERE kind = 'probe.delivery'")[0][0]
    node.stop()
    if server:
        server.run("stop")
    if stored != options.deliveries:
        sys.exit(f"{stored} of {options.deliveries} deliveries are stored")
    return rate


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True, help="folder of penstock and penstock-bench-client")
    parser.add_argument("--deliveries", type=int, default=200_000)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--synchronous", choices=("full", "normal"), default="full")
    parser.add_argument("--postgresql", action="store_true", help="on a private server instead of SQLite")
    parser.add_argument("--folder", default="/var/tmp", help="where the database is made: a real disk")
    options = parser.parse_args()
    rates = []
    for number in range(1, options.rounds + 1):
        with tempfile.TemporaryDirectory(prefix="penstock-webhook-", dir=options.folder) as folder:
            rates.append(round_of(options, folder))
        print(json.dumps({"workload": "webhook", "round": number, "connections": options.connections,
                          "database": "postgresql" if options.postgresql else "sqlite " + options.synchronous,
                          "deliveries_per_second": round(rates[-1])}), flush=True)
    print(json.dumps({"workload": "webhook", "median": round(statistics.median(rates)), "lowest": round(min(rates)),
                      "highest": round(max(rates))}))


if __name__ == "__main__":
    main()
