#!/usr/bin/env python3
"""Times a node's start on a database in which many jobs wait, and weighs the node after a minute of work on them.

Prints two JSON lines a round: the time from the start of the process to the first /readyz that answers 200, and the
resident memory after a minute of work, with the most that it was. The backlog is made by a node of its own, which is
killed, so that the start has its log to read too. The jobs that it works on are probe.append: each adds a row.
"""
import http.client
import pathlib
import sys
import time

from bench_node import new_node, parser_of, tell

BULK = 10_000


def memory_of(process):
    """Megabytes: resident now, and the most ever."""
    lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
    value = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return value["VmRSS"], value["VmHWM"]


def fill(node, jobs):
    """Half of them plain, half in groups of 1,000 tenants: a queue keeps the two apart."""
    for first in range(0, jobs, BULK):
        body = [{"kind": "probe.append", "queue": "backlog", "args": {"key": f"{i:0>150}"},
                 **({"group_key": f"tenant-{i % 1000}"} if i % 2 else {})} for i in range(first, min(first + BULK, jobs))]
        node.call("POST", "/api/v1/executions", body, timeout=120)


def timed_start(node):
    """Seconds until it is ready, asked each two milliseconds."""
    begin = time.monotonic()
    node.spawn()
    while True:
        try:
            asked = http.client.HTTPConnection("127.0.0.1", node.port, timeout=5)
            asked.request("GET", "/readyz")
            if asked.getresponse().status == 200:
                return time.monotonic() - begin
        except (OSError, http.client.HTTPException):
            pass  # it does not listen yet
        finally:
            asked.close()
        if node.process.poll() is not None or time.monotonic() - begin > 120:
            sys.exit("backlog_bench: the node is not ready:\n" + (node.folder / "node.log").read_text()[-2000:])
        time.sleep(0.002)


def one_round(options, number):
    waiting_now = lambda: node.rows("SELECT waiting_or_active FROM v_queues WHERE name = 'backlog'")[0][0]
    with new_node(options, "[connectors.probe]\nenabled = true\n[queues.backlog]\nconcurrency = 4\n") as node:
        node.start()
        node.call("POST", "/api/v1/queues/backlog/pause")
        fill(node, options.jobs)
        node.kill()
        ready = timed_start(node)
        waiting = waiting_now()
        if waiting != options.jobs:
            sys.exit(f"backlog_bench: {waiting} jobs wait, not {options.jobs}")
        tell(options, number, "backlog.ready", round(ready, 3), "s", jobs=options.jobs)
        resident, _ = memory_of(node.process)
        tell(options, number, "backlog.memory_at_start", round(resident, 1), "MB", jobs=options.jobs)
        node.call("POST", "/api/v1/queues/backlog/resume")
        begin = time.monotonic()
        while time.monotonic() - begin < options.seconds:
            time.sleep(1)
            if waiting_now() == 0:
                break
        worked = time.monotonic() - begin
        done = options.jobs - waiting_now()
        resident, most = memory_of(node.process)
        tell(options, number, "backlog.memory", round(resident, 1), "MB", jobs=options.jobs,
             most=round(most, 1), worked_s=round(worked, 1), done=done)
        node.stop()


def main():
    parser = parser_of(__doc__, rounds=3)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=60, help="of work before the node is weighed")
    options = parser.parse_args()
    for number in range(1, options.rounds + 1):
        one_round(options, number)


if __name__ == "__main__":
    main()
