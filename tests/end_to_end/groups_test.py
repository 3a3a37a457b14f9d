#!/usr/bin/env python3
"""Rules that stand on queues and on groups of jobs, seen from outside a real node.

  groups_test.py slots  --programs DIR   how many jobs of each named queue run at once, and bank-import's limiter
  groups_test.py shares --programs DIR   concurrency of tenants and credentials, the order of a stream
  groups_test.py budget --programs DIR   a credential's budget over queues, and what a provider's headers teach
  groups_test.py pauses --programs DIR   a pause after every N calls, of that credential alone

Prints what it saw; exits 0 only if it is what it must be.
"""

from local_provider import LocalProvider
from queue_test import PROBE, append, enqueue_many, expect, expect_within, job, queue_call
from real_node import Node, run_case, wait_until


def spans(node, condition):
    """(queue, group, start, end) of jobs that ran, in microseconds."""
    return node.rows("SELECT q.name, j.group_key, s.started_at, s.finished_at FROM jobs j JOIN queues q ON q.id = j.queue_id "
                     f"JOIN job_states s ON s.id = j.id WHERE s.started_at > 0 AND s.finished_at > 0 AND ({condition})")


def most_at_once(times):
    edges = sorted([(start, 1) for start, _ in times] + [(end, -1) for _, end in times])
    running = most = 0
    for _, step in edges:
        running += step
        most = max(most, running)
    return most


def all_ended(node, made, limit=60):
    wait_until("all have ended", lambda: not node.probe_jobs_open(), limit)
    expect("all completed", {job(node, each["id"])["state"] for each in made[:200]}, {"completed"})


def slots(options, folder):
    wanted = {"fetch": 8, "process": 4, "webhook": 8, "init": 2, "default": 4, "circuits": 1, "modules": 4, "mine": 4}
    node = Node(options.programs, folder, PROBE)
    node.start()
    sleep = lambda queue: {"kind": "probe.sleep", "queue": queue, "args": {"ms": 500}}
    jobs = [sleep(queue) for queue, most in wanted.items() for _ in range(2 * most)]
    jobs += [append("import", queue="bank-import") for _ in range(25)]
    all_ended(node, enqueue_many(node, jobs))
    shown = {queue["name"]: queue["concurrency"] for queue in node.call("GET", "/api/v1/queues")["items"]}
    ran = spans(node, "j.group_key = '' OR j.group_key IS NULL")
    for queue, most in wanted.items():
        expect(f"{queue}: as told, and at once", (shown[queue], most_at_once([r[2:] for r in ran if r[0] == queue])),
               (most, most))
    imports = sorted(row[0] for row in node.rows("SELECT at FROM probe_effects"))
    expect_within("seconds of 25 jobs of bank-import, 10 a second", (imports[-1] - imports[0]) / 1e6, 2.2, 20)
    node.stop()


def shares(options, folder):
    node = Node(options.programs, folder, PROBE +
                "[queues.shared]\nconcurrency = 6\ntenant_concurrency = 2\ncredential_concurrency = 1\n")
    node.start()
    groups = [f"{tenant}/{credential}" for tenant in (1, 2) for credential in "abc"]
    sleep = lambda group: {"kind": "probe.sleep", "queue": "shared", "group_key": group, "args": {"ms": 300}}
    all_ended(node, enqueue_many(node, [sleep(group) for group in groups for _ in range(2)]))
    ran = spans(node, "j.group_key <> ''")
    at_once = lambda prefix: most_at_once([r[2:] for r in ran if r[1].startswith(prefix)])
    expect("at once of each tenant", [at_once("1/"), at_once("2/")], [2, 2])
    expect("at once of each credential", [at_once(group) for group in groups], [1] * 6)
    expect("the tenants do not wait for each other", at_once(""), 4)

    # A stream keeps its order though one of it fails and waits, and whatever is before it in the queue.
    stream = "3/a/transactions"
    queue_call(node, "shared", "pause")
    failing = {"kind": "probe.fail", "args": {"times": 1}, "backoff": "fixed 700ms", "max_attempts": 2}
    made = enqueue_many(node, [{**each, "queue": "shared", "group_key": stream}
                               for each in (append("first"), failing, append("second"), append("third"))])
    other = enqueue_many(node, [append("other stream", queue="shared", group_key="3/b/transactions")])
    queue_call(node, "shared", "resume")
    all_ended(node, made + other)
    in_order = [job(node, each["id"]) for each in made]
    expect("each began after the end of the one before",
           [later["started_at"] >= earlier["finished_at"] for earlier, later in zip(in_order, in_order[1:])], [True] * 3)
    expect("another stream did not wait for it", job(node, other[0]["id"])["finished_at"] < in_order[2]["started_at"], True)
    node.stop()


def budget(options, folder):
    provider = LocalProvider()
    node = Node(options.programs, folder, PROBE + 'call_budget = "10/s"\n[queues.one]\nconcurrency = 20\n'
                "[queues.two]\nconcurrency = 20\n")
    node.start()
    call = lambda path, group, queue: {"kind": "probe.call", "queue": queue, "group_key": group,
                                       "args": {"url": provider.base + path}}
    all_ended(node, enqueue_many(node, [call(path, group, queue) for path, group in (("/a", "7/a"), ("/b", "7/b"))
                                        for queue in ("one", "two") for _ in range(15)]))
    for path in ("/a", "/b"):  # at most two of a burst in each queue before they know of each other, then ten a second
        expect_within(f"seconds of 30 calls of {path}, in two queues", provider.times(path)[-1], 2.4, 12)

    provider.answers["/spent"] = [(200, {"RateLimit-Remaining": "0", "RateLimit-Reset": "2"}), (200, {})]
    all_ended(node, enqueue_many(node, [call("/spent", "7/c", "one")]))
    all_ended(node, enqueue_many(node, [call("/spent", "7/c", "two"), call("/free", "7/d", "two")]))
    expect_within("seconds until the next call of a budget that its provider called spent", provider.gaps("/spent")[0], 1.7, 15)
    expect("another credential did not wait", provider.asked["/free"][0] < provider.asked["/spent"][1], True)
    node.stop()


def pauses(options, folder):
    provider = LocalProvider()
    node = Node(options.programs, folder, PROBE + 'pause_after_calls = 5\ncall_pause = "1s"\n[queues.one]\nconcurrency = 3\n'
                "[queues.single]\nconcurrency = 1\n")
    node.start()
    call = lambda path, group, queue="one": {"kind": "probe.call", "queue": queue, "group_key": group,
                                             "args": {"url": provider.base + path}}
    made = [call("/paused", "7/a") for _ in range(14)] + [call(f"/other{i}", f"7/b{i}") for i in range(4)]
    made += [call("/one-by-one", "7/c", "single") for _ in range(11)]
    all_ended(node, enqueue_many(node, made))
    paused_after = lambda path: [number + 1 for number, gap in enumerate(provider.gaps(path)) if gap >= 0.9]
    expect("one by one: calls before each pause", paused_after("/one-by-one"), [5, 10])
    long = paused_after("/paused")
    print("three at once: calls before each pause:", long)  # those that were under way are not called back
    expect("two pauses", len(long) == 2 and 5 <= long[0] <= 7 and 10 <= long[1] <= 12, True)
    others = [provider.asked[f"/other{i}"][0] for i in range(4)]
    expect("other credentials did not wait", max(others) < provider.asked["/paused"][long[0]], True)
    node.stop()


if __name__ == "__main__":
    run_case(__doc__, {"slots": slots, "shares": shares, "budget": budget, "pauses": pauses})
