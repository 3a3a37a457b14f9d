#!/usr/bin/env python3
"""Nodes on one PostgreSQL database, driven from outside.

  cluster_test.py two    --programs DIR [--rounds N] [--seed S]   two nodes drain one queue, one of them is killed
  cluster_test.py frozen --programs DIR                           one of two nodes stands still for longer than its lease
  cluster_test.py wake   --programs DIR                           what one node stores, the other hears of
  cluster_test.py maintained --programs DIR                       maintenance begun on one node holds on all
  cluster_test.py outage --programs DIR [--seconds N]             the server is away for a while, under load

Effects are counted by rows that handlers append without any unique key. Prints what was accepted, completed, doubled and
lost; exits 0 only if nothing doubled, lost or stuck.
"""
import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from kill_test import Load, left_active
from real_node import Node, PostgreSQL, wait_until

PROBE = "[connectors.probe]\nenabled = true\n"


def answer_of(node, method, path, body=None):
    """Status and Retry-After, whatever the status is; 0 where nobody answers."""
    token = (node.folder / "data" / "admin.token").read_text().strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{node.port}{path}", method=method, data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers.get("Retry-After")
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers.get("Retry-After")
    except OSError:
        return 0, None


def totals(server, accepted):
    counts = dict(server.rows("SELECT key, count(*) FROM probe_effects GROUP BY key"))
    counts = {str(key): n for key, n in counts.items()}
    return {"accepted": len(accepted), "effects": len(counts), "doubled": sum(1 for n in counts.values() if n > 1),
            "lost": len(accepted - counts.keys())}


def two(options, server, folder):
    nodes = [Node(options.programs, f"{folder}/{name}", PROBE, name=name, server=server) for name in ("a", "b")]
    for node in nodes:
        node.start()
    choose = random.Random(options.seed)
    loads = [Load(node, prefix=name) for name, node in zip("ab", nodes)]
    longest = 0.0
    for number in range(options.rounds):
        time.sleep(choose.uniform(0.5, 2.0))
        dead, alive = choose.sample(nodes, 2)
        dead.kill()
        print(f"kill {number + 1}: {sum(len(load.accepted) for load in loads)} accepted so far")
        if number % 2 == 0:  # the other one finds it out and takes over
            killed = time.monotonic()
            wait_until("the dead node's jobs are taken over", lambda: server.rows(
                "SELECT count(*) FROM node_leases")[0][0] == 1, 40)
            longest = max(longest, time.monotonic() - killed)
        dead.start()
    time.sleep(1)
    for load in loads:
        load.stop()
    wait_until("all jobs have ended", lambda: nodes[0].probe_jobs_open() == 0)
    ended_by = dict(server.rows("SELECT source, count(*) FROM events WHERE type = 'job.failed' GROUP BY source"))
    told = {"kills": options.rounds, **totals(server, set().union(*(load.accepted for load in loads))),
            "left_active": left_active(nodes[0]), "longest_takeover_s": round(longest, 1), "failures_told_by": ended_by,
            "suspects_left": server.rows("SELECT count(*) FROM suspects")[0][0]}
    for node in nodes:
        node.stop()
    print(json.dumps(told))
    return (told["doubled"] == told["lost"] == told["left_active"] == told["suspects_left"] == 0 and
            told["accepted"] > 0 and len(ended_by) == 2)


def frozen(options, server, folder):
    """As a paused virtual machine: its sockets stand, and whatever it holds in the database it goes on holding."""
    nodes = [Node(options.programs, f"{folder}/{name}", PROBE, name=name, server=server) for name in ("a", "b")]
    for node in nodes:
        node.start()
    still, moving = nodes
    loads = [Load(node, prefix=name) for name, node in zip("ab", nodes)]
    time.sleep(2)
    still.process.send_signal(signal.SIGSTOP)
    stopped, before, stall, last = time.monotonic(), len(loads[1].accepted), 0.0, time.monotonic()
    while time.monotonic() - stopped < options.frozen:
        time.sleep(0.1)
        if len(loads[1].accepted) > before:
            before, last = len(loads[1].accepted), time.monotonic()
        stall = max(stall, time.monotonic() - last)
    taken_over = server.rows("SELECT count(*) FROM node_leases")[0][0] == 1
    still.process.send_signal(signal.SIGCONT)
    resumed, before = time.monotonic(), len(loads[0].accepted)
    wait_until("the node works again", lambda: len(loads[0].accepted) > before + 100, 60)
    back_after = time.monotonic() - resumed
    for load in loads:
        load.stop()
    wait_until("all jobs have ended", lambda: moving.probe_jobs_open() == 0)
    told = {"frozen_s": options.frozen, **totals(server, set().union(*(load.accepted for load in loads))),
            "left_active": left_active(moving), "suspects_left": server.rows("SELECT count(*) FROM suspects")[0][0],
            "taken_over": taken_over, "longest_stall_s": round(stall, 1), "back_after_s": round(back_after, 1)}
    for node in nodes:
        node.stop()
    print(json.dumps(told))
    return (told["doubled"] == told["lost"] == told["left_active"] == told["suspects_left"] == 0 and taken_over and
            stall < 13)  # the frozen transaction's rows are let go after ten seconds


def wake(options, server, folder):
    """Work and pauses are told from node to node: neither looks by itself before half a minute is over."""
    first, second = (Node(options.programs, f"{folder}/{name}", PROBE, name=name, server=server) for name in ("a", "b"))
    first.start()
    second.start()
    time.sleep(2)  # until each has seen that the other lives
    state_of = lambda job: second.call("GET", f"/api/v1/executions/{job}")["state"]
    # The queue `wake` runs four jobs a node: eight at once need both.
    sleepers = [first.call("POST", "/api/v1/executions", {"kind": "probe.sleep", "queue": "wake", "args": {"ms": 8000}})["id"]
                for _ in range(8)]
    began = time.monotonic()
    wait_until("both nodes run jobs of one queue", lambda: all(state_of(job) == "active" for job in sleepers), 7)
    shared_after = time.monotonic() - began
    second.call("POST", "/api/v1/queues/wake/pause", {})
    time.sleep(1)
    wait_until("the sleepers have ended", lambda: all(state_of(job) == "completed" for job in sleepers), 30)
    held = first.call("POST", "/api/v1/executions", {"kind": "probe.append", "queue": "wake", "args": {"key": "held"}})["id"]
    time.sleep(2)
    held_as = state_of(held)
    second.call("POST", "/api/v1/queues/wake/resume", {})
    began = time.monotonic()
    wait_until("the held job has run", lambda: state_of(held) == "completed", 10)
    told = {"shared_after_s": round(shared_after, 2), "while_paused": held_as,
            "ran_after_resume_s": round(time.monotonic() - began, 2)}
    first.stop()
    second.stop()
    print(json.dumps(told))
    return held_as == "waiting"


def maintained(options, server, folder):
    """Heard at once by a node that runs, read by one that starts meanwhile; and so is its end, on another node."""
    nodes = [Node(options.programs, f"{folder}/{name}", PROBE, name=name, server=server) for name in ("a", "b", "c")]
    first, second, third = nodes
    first.start()
    second.start()
    time.sleep(2)  # until each has seen that the other lives
    # A queue runs four jobs a node: of twelve each node would take some.
    enqueue = lambda name: [first.call("POST", "/api/v1/executions", {
        "kind": "probe.append", "queue": "held", "args": {"key": f"{name} {number}"}})["id"] for number in range(12)]
    effects = lambda: server.rows("SELECT count(*) FROM probe_effects")[0][0]
    enqueue("before")
    wait_until("what came before has run", lambda: effects() == 12, 20)
    first.cli("maintenance", "on")
    time.sleep(1)
    enqueue("meanwhile")
    third.start()
    enqueue("behind the third node's start")
    time.sleep(5)
    ran_meanwhile = effects() - 12
    shown = ["maintenance is on" in node.cli("maintenance", "show") for node in nodes]
    third.cli("maintenance", "off")
    began = time.monotonic()
    wait_until("what was held has run", lambda: effects() == 36, 40)
    told = {"ran_meanwhile": ran_meanwhile, "shown_on": shown, "ran_after_s": round(time.monotonic() - began, 2)}
    for node in nodes:
        node.stop()
    print(json.dumps(told))
    return ran_meanwhile == 0 and all(shown) and told["ran_after_s"] < 10  # neither looks by itself that soon


def outage(options, server, folder):
    node = Node(options.programs, folder, PROBE, server=server)
    node.start()
    load = Load(node)
    time.sleep(2)
    before = len(load.accepted)
    server.run("halt", "immediate")
    stopped = time.monotonic()
    seen = {"readyz": [], "enqueue": []}
    while time.monotonic() - stopped < options.seconds:
        seen["readyz"].append(answer_of(node, "GET", "/readyz"))
        seen["enqueue"].append(answer_of(node, "POST", "/api/v1/executions", {"kind": "probe.append", "args": {"key": "x"}}))
        time.sleep(0.5)
    server.run("resume")
    resumed = time.monotonic()
    wait_until("the node is ready again", lambda: answer_of(node, "GET", "/readyz")[0] == 200, 60)
    ready_after = time.monotonic() - resumed
    during = len(load.accepted)
    wait_until("work is accepted again", lambda: len(load.accepted) > during + 100, 60)
    load.stop()
    wait_until("all jobs have ended", lambda: node.probe_jobs_open() == 0, 120)
    told = {"seconds": options.seconds, "accepted_before": before, **totals(server, load.accepted),
            "left_active": left_active(node), "ready_after_s": round(ready_after, 1)}
    # The very first ones may have met the connection as it broke.
    refused = {what: sorted({status for status, _ in answers[1:]}) for what, answers in seen.items()}
    waits = all(wait for answers in seen.values() for status, wait in answers if status == 503)
    node.stop()
    print(json.dumps({**told, "statuses": refused, "each_503_says_when": waits}))
    return (told["doubled"] == told["lost"] == told["left_active"] == 0 and waits and told["accepted"] > before and
            refused == {"readyz": [503], "enqueue": [503]})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("two", "frozen", "wake", "maintained", "outage"))
    parser.add_argument("--programs", required=True, help="folder of penstock")
    full = bool(os.environ.get("PENSTOCK_LONG"))
    parser.add_argument("--rounds", type=int, default=30 if full else 4, help="kills of two")
    parser.add_argument("--frozen", type=int, default=60 if full else 24, help="seconds; the lease is 15")
    parser.add_argument("--seconds", type=int, default=30 if full else 8, help="how long the server is away")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="penstock-cluster-") as folder:
        server = PostgreSQL(f"{folder}/server")
        try:
            good = {"two": two, "frozen": frozen, "wake": wake, "maintained": maintained,
                    "outage": outage}[options.what](options, server, folder)
        finally:
            server.run("stop")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
