#!/usr/bin/env python3
"""The rules of jobs, seen from outside a real node with probe jobs.

  jobs_test.py fields   --programs DIR   what a job shows, its bounds, its states while it waits
  jobs_test.py attempts --programs DIR   error classes, every kind of backoff, a queue's own policy
  jobs_test.py requests --programs DIR   tries inside an attempt, Retry-After, classes of statuses, timeouts
  jobs_test.py ends     --programs DIR   cancel in every state, parents of all fates, moves that are refused
  jobs_test.py suspects --programs DIR   jobs that ran when the process died

Prints what it saw; exits 0 only if it is what it must be.
"""
import datetime
import time
import urllib.error

from local_provider import LocalProvider
from queue_test import (PROBE, append, effects, enqueue, enqueue_many, expect, expect_within, job, make_paused, queue_call,
                        wait_for)
from real_node import Node, run_case, wait_until

HOUR = 3600


def refused(node, body, path="/api/v1/executions"):
    """The status and the reason of what must not be taken."""
    try:
        node.call("POST", path, body, timeout=60)
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    return 0, "accepted"


def seconds_between(first, second):
    moment = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment(second) - moment(first)).total_seconds()


def wait_after_last_error(shown):
    return seconds_between(shown["errors"][-1]["at"], shown["run_at"])


def fields(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    asked = {"kind": "probe.fail", "args": {"class": "final", "times": 5}, "queue": "mine", "priority": 3,
             "unique_key": "one", "group_key": "7/9/s", "organisation_id": "7", "max_attempts": 4, "timeout_ms": 9000,
             "backoff": "exponential 1s x2 cap 1m jitter 0.5"}
    shown = wait_for(node, node.call("POST", "/api/v1/executions", asked)["id"], "failed")
    expect("as it was asked for", {name: shown[name] for name in asked}, asked)
    expect("its error", [(e["attempt"], e["class"], bool(e["message"]), bool(e["at"]), bool(e["node"]))
                         for e in shown["errors"]], [(1, "final", True, True, True)])
    expect("times in order", shown["created_at"] <= shown["started_at"] <= shown["finished_at"], True)
    expect("who made it", shown["triggered_by"], "api")
    for name in ("id", "integration_id", "run_id", "parent_id", "progress", "result", "trace_id", "attempt"):
        expect(f"it has {name}", name in shown, True)
    plain = job(node, enqueue(node, "probe.noop", delay_ms=600000)["id"])
    expect("priority of one that names none", plain["priority"], 5)
    expect("one whose time is to come", plain["state"], "delayed")
    expect("in the store it waits", node.rows(f"SELECT state FROM v_jobs WHERE id = {plain['id']}")[0][0], "waiting")

    almost = {"kind": "probe.noop", "delay_ms": 600000, "args": {"x": "a" * (256 * 1024 - 9)}}
    expect("args of 256 KB less a byte", "id" in node.call("POST", "/api/v1/executions", almost), True)
    almost["args"]["x"] += "aa"
    expect("args above 256 KB", refused(node, almost)[0], 400)
    for wrong in ({"kind": "probe.unknown"}, {"kind": "probe.noop", "priority": 10}, {"kind": "probe.noop", "args": []},
                  {"kind": "probe.noop", "backoff": "sometimes"}, {"kind": "probe.noop", "group_key": "a//b"},
                  [{"kind": "probe.noop"}] * 10001, []):
        expect(f"refused: {str(wrong)[:60]}", refused(node, wrong)[0], 400)
    before = node.rows("SELECT count(*) FROM jobs")[0][0]
    made = enqueue_many(node, [{"kind": "probe.noop", "delay_ms": 600000}] * 10000)
    expect("ten thousand at once", (len({each["id"] for each in made}), node.rows("SELECT count(*) FROM jobs")[0][0]),
           (10000, before + 10000))
    make_paused(node, "backlog")
    enqueue_many(node, [{"kind": "probe.noop", "queue": "backlog"}] * 50000)
    node.kill()
    began = time.monotonic()
    node.start()
    expect_within("seconds until it is ready again, with 60,000 jobs waiting", round(time.monotonic() - began, 1), 0, 5)
    expect("they wait", node.call("GET", "/api/v1/queues/backlog")["counts"]["waiting"] >= 50000, True)
    node.stop()


def attempts(options, folder):
    node = Node(options.programs, folder, PROBE + '[queues.patient]\nmax_attempts = 2\nbackoff = "list 30ms 2h"\n')
    node.start()
    fail = lambda cls="retryable", **more: enqueue(node, "probe.fail", {"class": cls}, **{"max_attempts": 9, **more})["id"]
    errors = lambda id: len(job(node, id)["errors"])
    # The third wait of each is long enough to be read at leisure.
    policies = {"list 20ms 30ms 2h 1h": 2 * HOUR, "fixed 30m": HOUR / 2, "exponential 10ms x20 cap 1h": 4,
                "exponential 10ms x100 cap 50s": 50, "exponential 3m x2 cap 5m": 180}
    made = {policy: fail(backoff=policy) for policy in policies}
    for policy, wanted in policies.items():
        runs = 1 if policy.startswith(("fixed", "exponential 3m")) else 3
        wait_until(f"'{policy}' has failed {runs} times", lambda: errors(made[policy]) == runs, 20)
        expect_within(f"wait of '{policy}'", wait_after_last_error(job(node, made[policy])), wanted - 1, wanted + 1)
    drawn = [fail(backoff="fixed 1h jitter 0.5") for _ in range(20)]
    for id in drawn:
        wait_until("it has failed once", lambda: errors(id) == 1, 20)
    waits = [wait_after_last_error(job(node, id)) for id in drawn]
    expect_within("least wait with jitter 0.5", min(waits), HOUR / 2 - 1, HOUR)
    expect_within("most wait with jitter 0.5", max(waits), HOUR / 2, HOUR + 1)
    expect("they differ", max(waits) - min(waits) > 10, True)

    spent = wait_for(node, fail(max_attempts=3, backoff="fixed 20ms"), "failed")
    expect("three attempts are three runs", [e["attempt"] for e in spent["errors"]], [1, 2, 3])
    of_queue = wait_for(node, enqueue(node, "probe.fail", queue="patient")["id"], "failed")
    expect("runs by the queue's policy", len(of_queue["errors"]), 2)
    expect("which is shown", (of_queue["max_attempts"], of_queue["backoff"]), (2, "list 30ms 2h"))
    first, second = (e["at"] for e in of_queue["errors"])
    expect_within("seconds between them, by the queue's policy", seconds_between(first, second), 0.03, 20)

    classes = {"retryable": "network timed_out rate_limited provider_unavailable truncated_body storage_busy internal",
               "final": "unexpected_shape requires_reauth forbidden not_found invalid_argument bad_configuration",
               "postponed": "conflict unavailable"}
    for cls, codes in classes.items():
        for code in [cls, *codes.split()]:
            id = fail(code, max_attempts=2, backoff="fixed 1h")
            seen = lambda: job(node, id)
            if cls == "final":
                wait_for(node, id, "failed")
                expect(f"{code}: attempts", (seen()["attempt"], len(seen()["errors"])), (1, 1))
            elif cls == "retryable":
                wait_until(f"{code} was tried", lambda: errors(id) == 1, 20)
                expect(f"{code}: waits", (seen()["state"], seen()["attempt"]), ("delayed", 1))
            else:
                wait_until(f"{code} was put off", lambda: seen()["state"] == "delayed", 20)
                expect(f"{code}: attempts that it cost", seen()["attempt"], 0)
    node.stop()


def requests(options, folder):
    provider = LocalProvider()
    node = Node(options.programs, folder, PROBE + "[queues.calls]\nconcurrency = 40\n")
    node.start()
    call = lambda path, **more: enqueue(node, "probe.call", {"url": provider.base + path}, queue="calls", **more)["id"]
    exchanges = lambda id: node.call("GET", f"/api/v1/executions/{id}/exchanges")["items"]
    provider.answers["/hang"] = [provider.HANG]
    provider.answers["/third"] = [(503, {}), (502, {}), (200, {})]
    provider.answers["/wish"] = [(429, {"Retry-After": "2"}), (200, {})]
    provider.answers["/busy"] = [(503, {"Retry-After": "1"})]
    provider.answers["/long"] = [(503, {"Retry-After": "31"})]
    tried, settled = (408, 425, 429, 500, 502, 503, 504), (400, 401, 403, 404, 410, 422)
    for status in tried + settled:
        provider.answers[f"/{status}"] = [(status, {})]
    hanging = call("/hang", timeout_ms=700, max_attempts=1)
    third, wish = call("/third?access_token=secret"), call("/wish")
    short, long = call("/busy", max_attempts=2, backoff="fixed 1ms"), call("/busy?2", max_attempts=2, backoff="fixed 1h")
    put_off = call("/long", max_attempts=1)
    by_status = {status: call(f"/{status}", max_attempts=2, backoff="fixed 1h") for status in tried + settled}

    timed_out = wait_for(node, hanging, "failed")
    expect("a timeout is retryable", [(e["code"], e["class"]) for e in timed_out["errors"]], [("timed_out", "retryable")])
    wait_until("its connection is closed", lambda: "/hang" in provider.left, 5)
    wait_for(node, third, "completed")
    expect("three tries in one attempt", (job(node, third)["attempt"], [e["status"] for e in exchanges(third)]),
           (1, [503, 502, 200]))
    last = exchanges(third)[-1]
    expect("an exchange", (last["method"], last["attempt"], last["request"], last["try"], last["response_bytes"] > 0,
                           last["duration_ms"] >= 0), ("GET", 1, 1, 3, True, True))
    expect("secrets in its URL", "secret" in last["url"], False)
    expect("no body unasked", "response_body" in last, False)
    for gap, least in zip(provider.gaps("/third?access_token=secret"), (0.25, 0.5)):
        expect_within("seconds before the next try", gap, least, 10)
    wait_for(node, wish, "completed")
    expect_within("seconds when the provider wished for 2", provider.gaps("/wish")[0], 1.9, 10)
    wait_until("its first attempt is over", lambda: job(node, long)["errors"], 30)
    expect_within("a longer backoff wins, seconds", wait_after_last_error(job(node, long)), HOUR - 1, HOUR + 1)
    wait_for(node, short, "failed")
    first, second = provider.times("/busy")[3:5]
    expect_within("Retry-After wins over a shorter backoff, seconds", second - first, 0.9, 20)
    expect("tries of two attempts", len(exchanges(short)), 8)
    seen = job(node, put_off)
    expect("a longer Retry-After puts the job off", (seen["state"], seen["attempt"], len(exchanges(put_off))),
           ("delayed", 0, 1))
    expect_within("seconds until its next try", seconds_between(exchanges(put_off)[0]["at"], seen["run_at"]), 30, 32)
    for status, id in by_status.items():
        wait_until(f"{status} was met", lambda: job(node, id)["errors"], 30)
        seen = (job(node, id)["state"], len(exchanges(id)))
        expect(f"HTTP {status}", seen, ("delayed", 4) if status in tried else ("failed", 1))
    node.stop()


def ends(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    cancel = lambda id: node.call("POST", f"/api/v1/executions/{id}/cancel", {"reason": "by the test"})
    later = enqueue(node, "probe.noop", delay_ms=600000)["id"]
    cancel(later)
    expect("a waiting one is cancelled at once", job(node, later)["state"], "cancelled")
    expect("retry of a cancelled one", refused(node, {}, f"/api/v1/executions/{later}/retry")[0], 409)

    # In a paused queue a parent runs by hand and its children wait: it awaits them without a slot and without a limit.
    make_paused(node, "held")
    parents = [enqueue(node, "probe.tree", {"children": 3}, queue="held", timeout_ms=300, priority=0)["id"]
               for _ in range(6)]
    for parent in parents:
        # A queue that is just being made may not have heard of it yet.
        wait_until("it runs by hand", lambda: queue_call(node, "held", "work-once")["job_id"] == parent, 20)
        wait_for(node, parent, "awaiting_children")
    began = time.monotonic()
    expect("slots that six of them hold", node.call("GET", "/api/v1/queues/held")["counts"]["active"], 0)
    cancel(parents[0])
    expect("one that awaits is cancelled", job(node, parents[0])["state"], "cancelled")
    children = lambda parent: [j for j in node.call("GET", "/api/v1/executions?queue=held&limit=200")["items"]
                               if j["parent_id"] == parent]
    expect("its children too", [child["state"] for child in children(parents[0])], ["cancelled"] * 3)
    wait_until("its timeout has long passed", lambda: time.monotonic() - began > 1, 5)
    expect("a parent has no timeout", {job(node, parent)["state"] for parent in parents[1:]}, {"awaiting_children"})
    cancel(children(parents[1])[0]["id"])
    queue_call(node, "held", "resume")
    for parent in parents[1:]:
        ended = wait_for(node, parent, "completed")
        expect("it ran once", (ended["attempt"], ended["errors"]), (1, []))
    expect("counts of one with a cancelled child", job(node, parents[1])["children"],
           {"open": 0, "completed": 2, "failed": 0, "cancelled": 1})
    expect("a parent all of whose children failed",
           wait_for(node, enqueue(node, "probe.tree", {"children": 2, "failures": 2})["id"], "failed")["children"],
           {"open": 0, "completed": 0, "failed": 2, "cancelled": 0})

    # What runs when its queue is paused is finished.
    running = enqueue(node, "probe.sleep", {"ms": 800}, queue="held")["id"]
    wait_for(node, running, "active")
    queue_call(node, "held", "pause")
    after = enqueue(node, "probe.noop", queue="held")["id"]
    wait_for(node, running, "completed")
    expect("what came later waits", job(node, after)["state"], "waiting")
    for verb in ("retry", "cancel"):
        expect(f"{verb} of a completed one", refused(node, {}, f"/api/v1/executions/{running}/{verb}")[0], 409)

    failed = enqueue(node, "probe.fail", {"class": "final", "times": 1})["id"]
    before = wait_for(node, failed, "failed")["finished_at"]
    node.cli("queue", "retry", failed)
    again = wait_for(node, failed, "failed")
    expect("a retry by a person starts afresh", (again["attempt"], again["finished_at"] > before), (1, True))
    told = {event["subject"] for event in node.call("GET", "/api/v1/events?type=job.cancelled&limit=200")["items"]}
    expect("cancellations are told", {f"executions/{later}", f"executions/{parents[0]}"} <= told, True)
    node.stop()


def start_again(node):
    """Starts a node that may die of a suspect before it is ready."""
    node.process.wait(timeout=30)
    try:
        node.start()
    except SystemExit:
        return


def run_by_hand(node, queue):
    """One job more; whether the node is gone. The queue may not have heard yet of the latest one."""
    try:
        queue_call(node, queue, "work-once")
    except OSError:
        pass  # it may be gone before it answers
    return node.process.poll() is not None


def suspects(options, folder):
    node = Node(options.programs, folder, PROBE + "[queues.risky]\nconcurrency = 3\n")
    node.start()
    # A paused queue keeps its suspect from running, over restarts.
    make_paused(node, "shut")
    held = enqueue(node, "probe.crash", queue="shut", priority=0)["id"]
    wait_until("it ends the node", lambda: run_by_hand(node, "shut"), 20)
    for _ in range(2):
        start_again(node)
        expect("a suspect of a paused queue", (job(node, held)["state"], job(node, held)["attempt"]), ("waiting", 0))
        expect("it stays one", node.rows(f"SELECT count(*) FROM suspects WHERE job_id = {held}")[0][0], 1)
        node.kill()
    node.start()

    sleepers = [enqueue(node, "probe.sleep", {"ms": 1200}, queue="risky")["id"] for _ in range(2)]
    for sleeper in sleepers:
        wait_for(node, sleeper, "active")
    queue_call(node, "risky", "pause")
    behind = enqueue_many(node, [append("behind", queue="risky", priority=9)] * 20)
    crash = enqueue(node, "probe.crash", queue="risky", priority=0)["id"]  # takes the last of the three slots
    try:
        queue_call(node, "risky", "resume")
    except OSError:
        pass  # the node may be gone before it answers
    deaths = 0
    while deaths < 10:
        wait_until("the node dies or the job is given up", lambda: node.process.poll() is not None or
                   node.rows(f"SELECT state FROM v_jobs WHERE id = {crash}")[0][0] == "failed", 30)
        if node.process.poll() is None:
            break
        deaths += 1
        start_again(node)
    ended = job(node, crash)
    expect("deaths until it was given up: one in company, three alone", deaths, 4)
    expect("it failed as", [e["code"] for e in ended["errors"]][-1], "crashed")
    for sleeper in sleepers:
        expect("a neighbour", (wait_for(node, sleeper, "completed")["attempt"], job(node, sleeper)["errors"]), (1, []))
    wait_until("what stood behind has run", lambda: len(effects(node)) == len(behind), 30)
    given_up = node.rows(f"SELECT finished_at FROM jobs WHERE id = {crash}")[0][0]
    expect("jobs of the queue that ran before its suspects had their turn",
           node.rows(f"SELECT count(*) FROM probe_effects WHERE at < {given_up}")[0][0], 0)
    node.stop()


if __name__ == "__main__":
    run_case(__doc__, {"fields": fields, "attempts": attempts, "requests": requests, "ends": ends, "suspects": suspects})
