#!/usr/bin/env python3
"""The rules of jobs and queues, seen from outside a real node with probe jobs.

  queue_test.py order   --programs DIR   priority and fair turns under a full queue, parents, pause over a restart
  queue_test.py keys    --programs DIR   unique keys: of two organisations, for a period, once more, retries
  queue_test.py running --programs DIR   cancel, timeouts, trees, progress, logs, a job's start
  queue_test.py care    --programs DIR   health and its warnings, bulk actions, flush, commands

Prints what it saw; exits 0 only if it is what it must be.
"""
import json
import subprocess
import sys
import time

from real_node import Node, run_case, wait_until

PROBE = "[connectors.probe]\nenabled = true\n"


def expect(what, seen, wanted):
    print(f"{what}: {seen}" + ("" if seen == wanted else f", but {wanted} was expected"))
    if seen != wanted:
        sys.exit(1)


def expect_within(what, seen, least, most):
    print(f"{what}: {seen}" + ("" if least <= seen <= most else f", but {least} to {most} was expected"))
    if not least <= seen <= most:
        sys.exit(1)


def enqueue(node, kind, args=None, **fields):
    return node.call("POST", "/api/v1/executions", {"kind": kind, "args": args or {}, **fields})


def enqueue_many(node, jobs):
    made = []
    for at in range(0, len(jobs), 10000):
        made += node.call("POST", "/api/v1/executions", jobs[at:at + 10000], timeout=60)["items"]
    return made


def job(node, id):
    return node.call("GET", f"/api/v1/executions/{id}")


def append(key, **fields):
    return {"kind": "probe.append", "args": {"key": key}, **fields}


def wait_for(node, id, state, limit=30):
    wait_until(f"job {id} is {state}", lambda: job(node, id)["state"] == state, limit)
    return job(node, id)


def effects(node):
    return [row[0] for row in node.rows("SELECT key FROM probe_effects ORDER BY rowid")]


def queue_call(node, name, verb, body=None):
    return node.call("POST", f"/api/v1/queues/{name}/{verb}", body or {})


def make_paused(node, name):
    """A queue is known by its first job."""
    enqueue(node, "probe.noop", queue=name)
    wait_until("the queue is known", lambda: name in [q["name"] for q in node.call("GET", "/api/v1/queues")["items"]])
    queue_call(node, name, "pause")


def order(options, folder):
    node = Node(options.programs, folder, PROBE + "[queues.narrow]\nconcurrency = 1\n")
    node.start()
    make_paused(node, "narrow")
    enqueue_many(node, [append("low", queue="narrow") for _ in range(10500)])
    enqueue_many(node, [append("high", queue="narrow", priority=0) for _ in range(50)])
    enqueue_many(node, [append("last", queue="narrow", priority=9) for _ in range(50)])
    queue_call(node, "narrow", "resume")
    wait_until("all ran", lambda: len(effects(node)) == 10600)
    ran = effects(node)
    expect("the first fifty", set(ran[:50]), {"high"})
    expect("the last fifty", set(ran[-50:]), {"last"})

    make_paused(node, "fair")
    enqueue_many(node, [append("big", queue="fair", organisation_id="1") for _ in range(10000)])
    enqueue_many(node, [append("small", queue="fair", organisation_id="2") for _ in range(10)])
    queue_call(node, "fair", "resume")
    wait_until("all ran", lambda: len(effects(node)) == 20610)
    expect_within("the last of ten beside ten thousand ran as number",
                  max(i for i, key in enumerate(effects(node)[10600:]) if key == "small"), 10, 1100)  # four hand-overs of 256

    # The same when the queue learns of them from the store alone.
    make_paused(node, "fair")
    enqueue_many(node, [append("many", queue="fair", organisation_id="1") for _ in range(20000)])
    enqueue_many(node, [append("few", queue="fair", organisation_id="2") for _ in range(10)])
    node.stop()
    node.start()
    expect("paused after a restart", node.call("GET", "/api/v1/queues/fair")["paused"], True)
    expect("ran while paused", len(effects(node)), 20610)
    queue_call(node, "fair", "resume")
    wait_until("all ran", lambda: len(effects(node)) == 40620)
    expect_within("the last of ten beside twenty thousand ran as number",
                  max(i for i, key in enumerate(effects(node)[20610:]) if key == "few"), 10, 1100)

    parents = enqueue_many(node, [{"kind": "probe.tree", "args": {"children": 2}} for _ in range(50)])
    wait_until("fifty parents end", lambda: all(job(node, p["id"])["state"] == "completed" for p in parents), 60)
    expect("jobs that wait or run", node.probe_jobs_open(), 0)
    node.stop()


def keys(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    later = {"delay_ms": 60000}
    first = enqueue(node, "probe.noop", unique_key="k", **later)
    second = enqueue(node, "probe.noop", unique_key="k", **later)
    expect("the second of one key", (second["id"], second["deduplicated"]), (first["id"], True))
    expect("the same key of another kind", enqueue(node, "probe.chain", {"n": 0}, unique_key="k")["deduplicated"], False)
    of_one = enqueue(node, "probe.noop", unique_key="k", organisation_id="1", **later)
    of_two = enqueue(node, "probe.noop", unique_key="k", organisation_id="2", **later)
    expect("of two organisations", (of_one["deduplicated"], of_two["deduplicated"]), (False, False))
    expect("their ids differ", len({first["id"], of_one["id"], of_two["id"]}), 3)

    kept = enqueue(node, "probe.noop", unique_key="period", unique_for_ms=2500)
    wait_for(node, kept["id"], "completed")
    expect("within its period", enqueue(node, "probe.noop", unique_key="period", unique_for_ms=2500)["id"], kept["id"])
    wait_until("its period is over",
               lambda: not enqueue(node, "probe.noop", unique_key="period", unique_for_ms=2500)["deduplicated"], 10)

    asked = {"kind": "probe.sleep", "args": {"ms": 800}, "unique_key": "again", "once_more": True}
    holder = node.call("POST", "/api/v1/executions", asked)
    answers = [node.call("POST", "/api/v1/executions", asked) for _ in range(3)]
    expect("asked three times meanwhile", [(a["id"] == holder["id"], a.get("once_more")) for a in answers], [(True, True)] * 3)
    of_key = lambda: [j["state"] for j in node.call("GET", "/api/v1/executions?kind=probe.sleep")["items"]]
    wait_until("it has run once more", lambda: of_key() == ["completed", "completed"], 15)

    failing = {"kind": "probe.fail", "args": {"class": "final"}, "unique_key": "retry"}
    failed = node.call("POST", "/api/v1/executions", failing)["id"]
    wait_for(node, failed, "failed")
    successor = node.call("POST", "/api/v1/executions", {**failing, **later})["id"]
    expect("a retry that meets its successor", node.call("POST", f"/api/v1/executions/{failed}/retry", {}),
           {"id": successor, "deduplicated": True})
    node.stop()


def running(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    sleeper = enqueue(node, "probe.sleep", {"ms": 60000})["id"]
    wait_for(node, sleeper, "active")
    wait_until("progress tells how long it takes", lambda: (job(node, sleeper)["progress"] or {}).get("remaining_ms"), 10)
    shown = job(node, sleeper)
    expect("an active job shows its start", shown["started_at"] is not None, True)
    # From what was done in the time that has passed: of a crowded machine it expects no better than it saw.
    expect_within("estimated milliseconds left", shown["progress"]["remaining_ms"], 40000, 90000)
    expect("the command shows it too", "started" in node.cli("jobs", "show", sleeper), True)
    expect("queue active lists it", sleeper in node.cli("queue", "active"), True)
    began = time.monotonic()
    node.cli("jobs", "cancel", sleeper)
    wait_for(node, sleeper, "cancelled")
    expect_within("seconds to cancel an active job", round(time.monotonic() - began, 1), 0, 5)

    spinner = enqueue(node, "probe.spin", {"ms": 2500}, timeout_ms=300, max_attempts=2)["id"]
    ended = wait_for(node, spinner, "failed")
    expect("attempts past their timeout", [e["code"] for e in ended["errors"]], ["timed_out", "timed_out"])
    stuck = lambda: node.call("GET", "/api/v1/queues/default")["stuck_workers"]
    expect_within("threads that were left behind", stuck(), 1, 2)
    wait_until("they have come to their end", lambda: stuck() == 0, 20)
    after = job(node, spinner)
    expect("what they did afterwards", (after["state"], after["finished_at"], after["attempt"]),
           ("failed", ended["finished_at"], 2))

    tree = enqueue(node, "probe.tree", {"children": 100, "failures": 3})["id"]
    expect("a tree of 100 with 3 failures", wait_for(node, tree, "completed")["children"],
           {"open": 0, "completed": 97, "failed": 3, "cancelled": 0})

    logged = enqueue(node, "probe.fail", {"class": "retryable", "times": 1})["id"]
    wait_for(node, logged, "completed")
    lines = node.call("GET", f"/api/v1/executions/{logged}/logs")["items"]
    expect("its log", [(line["attempt"], line["level"], line["message"]) for line in lines],
           [(1, "warn", "attempt 1 fails as asked"), (2, "info", "attempt 2 succeeds")])
    expect("jobs show tells it", "attempt 1 fails as asked" in node.cli("jobs", "show", logged), True)
    node.stop()


def care(options, folder):
    node = Node(options.programs, folder, PROBE + "[queues.default]\nwarn_failed = 20\n")
    node.start()
    enqueue_many(node, [{"kind": "probe.fail", "args": {"class": "final"}} for _ in range(30)])
    failed = lambda: node.call("GET", "/api/v1/queues/default")["counts"]["failed"]
    wait_until("thirty failed", lambda: failed() == 30)
    health = node.call("GET", "/api/v1/queues/default/health")
    expect("health", (health["healthy"], [w["kind"] for w in health["warnings"]]), (False, ["failed"]))
    expect("queue status warns", "30 jobs have failed" in node.cli("queue", "status", "default"), True)
    minutes = node.call("GET", "/api/v1/queues/default/history")["minutes"]
    expect("failures in the history", sum(minute["failed"] for minute in minutes), 30)
    warnings = lambda: [e["data"]["state"] for e in node.call("GET", "/api/v1/events?type=queue.warning")["items"]]
    wait_until("the warning is stored", lambda: warnings() == ["raised"], 30)

    bulk = lambda **body: node.call("POST", "/api/v1/executions/bulk", body)
    seen = bulk(action="retry", filter={"kind": "probe.fail"}, preview=True)
    expect("bulk preview", (seen["matched"], seen["done"], failed()), (30, 0, 30))
    expect("bulk retry", bulk(action="retry", filter={"kind": "probe.fail"})["done"], 30)
    wait_until("they failed again", lambda: failed() == 30)
    expect("retry-failed", queue_call(node, "default", "retry-failed")["retried"], 30)
    wait_until("they failed again", lambda: failed() == 30)
    enqueue_many(node, [{"kind": "probe.noop", "delay_ms": 600000} for _ in range(300)])
    expect("delayed jobs are listed", len(node.cli("queue", "pending", "--delayed", "--limit", "200").splitlines()), 201)
    expect("bulk cancel", bulk(action="cancel", filter={"kind": "probe.noop"})["done"], 300)
    expect("delayed jobs left", node.call("GET", "/api/v1/queues/default")["counts"]["delayed"], 0)

    expect("flush of the old ones", json.loads(node.cli("queue", "flush", "--older-than", "1h", "--json"))["removed"], 0)
    expect("flush", json.loads(node.cli("queue", "flush", "--json"))["removed"], 30)
    expect("failed jobs left", failed(), 0)
    wait_until("the recovery is stored", lambda: sorted(warnings()) == ["raised", "recovered"], 30)

    queue_call(node, "default", "pause")
    two = [enqueue(node, "probe.append", {"key": f"by hand {i}"})["id"] for i in range(2)]
    expect("queue pending lists them", all(id in node.cli("queue", "pending") for id in two), True)
    node.cli("queue", "work", "--once")
    expect("ran by hand", effects(node), ["by hand 0"])
    expect("the other one", job(node, two[1])["state"], "waiting")
    refused = subprocess.run([node.programs / "penstock", "--config", node.config, "queue", "work"], capture_output=True)
    expect("work without --once", refused.returncode, 2)
    too_many = [{"kind": "probe.noop"}] * 9999 + [{"kind": "probe.unknown"}]
    try:
        node.call("POST", "/api/v1/executions", too_many)
        expect("a bulk with one wrong job", "accepted", "refused")
    except OSError as refusal:
        expect("a bulk with one wrong job", refusal.code, 400)
    expect("nothing of it was stored", node.rows("SELECT count(*) FROM v_jobs WHERE kind = 'probe.noop' "
                                                 "AND state = 'waiting'")[0][0], 0)
    node.stop()


if __name__ == "__main__":
    run_case(__doc__, {"order": order, "keys": keys, "running": running, "care": care})
