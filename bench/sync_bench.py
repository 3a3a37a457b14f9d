#!/usr/bin/env python3
"""Times a whole sync with the real programs: Monzo accounts of the sandbox, from consent to committed rows.

Prints one JSON line a round: seconds and the node's resident memory at most. The time is the run's own: from its start in
the database to its end. Sandbox and node share the machine.
"""
import datetime
import pathlib
import sys

from bench_node import new_node, parser_of, tell

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "end_to_end"))
from real_node import Sandbox, add_monzo, wait_until  # noqa: E402
from webhook_test import memory  # noqa: E402


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def one_round(options, number):
    sandbox = Sandbox(options.programs, "--accounts", options.accounts, "--transactions", options.transactions,
                      "--change-every", "0s")
    try:
        with new_node(options, sandbox.settings()) as node:
            node.start()
            account = add_monzo(node, "bench")
            runs = lambda: node.call("GET", f"/api/v1/integrations/{account}/runs")["items"]
            wait_until("the sync ends", lambda: runs() and runs()[0]["state"] != "running")
            run, wanted, most = runs()[0], sandbox.totals(), memory(node)["VmHWM"]
            rows = node.rows("SELECT count(*) FROM monzo_transactions")[0][0]
            node.stop()
            if run["state"] != "completed" or rows != wanted["rows"]:
                sys.exit(f"sync_bench: {run['state']}, {rows} rows of {wanted['rows']}")
            took = (moment(run["ended_at"]) - moment(run["started_at"])).total_seconds()
            tell(options, number, "sync", round(took, 3), "s", rows=rows, resident_peak_mb=round(most, 1))
    finally:
        sandbox.stop()


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--accounts", type=int, default=10)
    parser.add_argument("--transactions", type=int, default=10_000, help="of each account")
    options = parser.parse_args()
    for number in range(1, options.rounds + 1):
        one_round(options, number)


if __name__ == "__main__":
    main()
