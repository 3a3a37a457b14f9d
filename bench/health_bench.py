#!/usr/bin/env python3
"""Times what a phone's exports cost a real node: Apple Health points, from the first POST to the end of the last job.

Prints one JSON line a round: seconds, and the node's resident memory before and at most. The exports are sent one after
another over one connection each, as the app does; who makes them shares the machine, but makes them before.
"""
import datetime
import json
import pathlib
import sys
import time

from bench_node import new_node, parser_of, tell

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "end_to_end"))
from real_node import wait_until  # noqa: E402
from webhook_test import forget_peak, memory, path_in, post  # noqa: E402

FIRST = datetime.datetime(2022, 1, 1)


def export_of(first, count):
    points = [{"date": f"{FIRST + datetime.timedelta(minutes=first + i):%Y-%m-%d %H:%M:%S} +0000",
               "qty": (first + i) % 977 / 7, "source": "Sam’s Apple Watch|iPhone"} for i in range(count)]
    return json.dumps({"data": {"metrics": [{"name": "step_count", "units": "count", "data": points}]}}).encode()


def one_round(options, number):
    bodies = [export_of(first, options.points // options.exports)
              for first in range(0, options.points, options.points // options.exports)]
    with new_node(options) as node:
        node.start()
        path = path_in(node.cli("integrations", "add", "apple_health"))
        before = memory(node)["VmRSS"]
        forget_peak(node)
        begun = time.monotonic()
        jobs = []
        for body in bodies:
            status, answer = post(node, path, body)
            if status != 202:
                sys.exit(f"health_bench: an export was answered with {status}: {answer}")
            jobs.append(answer["job_id"])
        state = lambda job: node.call("GET", f"/api/v1/executions/{job}")["state"]
        wait_until("all exports are stored", lambda: all(state(job) in ("completed", "failed") for job in jobs),
                   limit=600)
        took, most = time.monotonic() - begun, memory(node)["VmHWM"]
        rows = node.rows("SELECT count(*) FROM health_metrics")[0][0]
        node.stop()
    if rows != options.points:
        sys.exit(f"health_bench: {rows} rows of {options.points} points")
    tell(options, number, "health", round(took, 2), "s", points=rows, megabytes=round(sum(map(len, bodies)) / 1e6),
         exports=len(bodies), resident_before_mb=round(before, 1), resident_peak_mb=round(most, 1))


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--exports", type=int, default=10, help="into which they are split")
    options = parser.parse_args()
    for number in range(1, options.rounds + 1):
        one_round(options, number)


if __name__ == "__main__":
    main()
