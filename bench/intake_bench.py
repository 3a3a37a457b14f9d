#!/usr/bin/env python3
"""Measures how many webhooks, or jobs, a real node takes over HTTP, each durable before it is answered.

Prints one JSON line a round: deliveries or jobs a second over keep-alive connections, one at a time on each, client
included. The queue of their jobs is paused, so that only the intake is timed; what was stored is counted at the end.
Jobs are sent with a token, and counted by the rate limit as it is by default.
"""
import json
import os
import pathlib
import subprocess
import sys
import threading

from bench_node import new_node, parser_of, tell

LONGEST_RUN = 600  # seconds


def deliver(options, node, path):
    wanted = {"mode": "one", "n": options.count, "conc": options.connections, "kind": "probe.noop"}
    if path:
        wanted["path"] = path
    client = subprocess.Popen([pathlib.Path(options.programs) / "penstock-bench-client", "produce", json.dumps(wanted)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PQ_DATA": str(node.folder / "data"), "PQ_SERVER_PORT": str(node.port)})
    limit = threading.Timer(LONGEST_RUN, client.kill)
    limit.start()
    try:
        if client.stdout.readline().strip() != "READY":
            sys.exit("intake_bench: the client did not start")
        client.stdin.write("GO\n")
        client.stdin.flush()
        told = client.stdout.readline().split()
        if len(told) != 4:
            sys.exit(f"intake_bench: the client did not send all within {LONGEST_RUN} s")
        client.communicate("STOP\n", timeout=60)
    finally:
        limit.cancel()
        client.kill()
    _, count, begin, end = told
    return int(count) / ((float(end) - float(begin)) / 1000)


def cpu_seconds(process):
    """User and system time of a process until now, of all its threads."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def round_on(node, options):
    node.start()
    if options.what == "webhook":
        made = node.call("POST", "/api/v1/integrations", {"service": "probe"})
        queue, kind, path = "webhook", "probe.delivery", "/webhooks" + made["webhook"]["url"].partition("/webhooks")[2]
    else:
        queue, kind, path = "default", "probe.noop", ""
    node.call("POST", f"/api/v1/queues/{queue}/pause")
    before = cpu_seconds(node.process)
    rate = deliver(options, node, path)
    used = cpu_seconds(node.process) - before
    stored = node.rows(f"SELECT count(*) FROM v_jobs WHERE kind = '{kind}'")[0][0]
    node.stop()
    if stored != options.count:
        sys.exit(f"{stored} of {options.count} are stored")
    return rate, used / options.count * 1e6


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--what", choices=("webhook", "http"), default="webhook")
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--connections", type=int, help="by default 32 for webhooks, 64 for jobs")
    options = parser.parse_args()
    options.connections = options.connections or (32 if options.what == "webhook" else 64)
    for number in range(1, options.rounds + 1):
        with new_node(options, "[connectors.probe]\nenabled = true\n") as node:
            rate, used = round_on(node, options)
        tell(options, number, options.what, round(rate), "requests/s", connections=options.connections)
        tell(options, number, f"{options.what}.cpu", round(used, 1), "us of the node each", connections=options.connections)


if __name__ == "__main__":
    main()
