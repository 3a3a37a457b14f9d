#!/usr/bin/env python3
"""What a node keeps, clears and warns of, seen from outside.

  keeping_test.py sweep  --programs DIR   retention by age, by queue and by number
  keeping_test.py brake  --programs DIR   no new work below the free-space limit, and what is told
  keeping_test.py health --programs DIR   every kind of warning comes and goes
  keeping_test.py shown  --programs DIR   logs, progress and its live news

Prints what it saw; exits 0 only if it is what it must be, 77 if this machine cannot tell.
"""
import json
import shutil
import sqlite3
import sys
import threading
import urllib.error
import urllib.request

from queue_test import (PROBE, append, effects, enqueue, enqueue_many, expect, expect_within, job, make_paused, queue_call,
                        wait_for)
from real_node import Node, run_case, wait_until

DAY = 24 * 3600 * 1_000_000  # microseconds


def age(node, days, ids):
    """Makes jobs older, of a node that is stopped: nobody can set the clock of another process. Their ids tell when they
    were made: milliseconds, then 22 bits."""
    with sqlite3.connect(f"{node.folder}/data/penstock.db") as database:
        for table, column in (("job_errors", "job_id"), ("job_logs", "job_id"), ("waiting_jobs", "id"),
                              ("plain_ends", "job_id"), ("jobs", "id")):
            database.execute(f"UPDATE {table} SET {column} = {column} - ? WHERE {column} IN ({','.join(ids)})",
                             [days * DAY // 1000 << 22])
        for table, column in (("jobs", "id"), ("plain_ends", "job_id")):
            database.execute(f"UPDATE {table} SET finished_at = finished_at - ? WHERE finished_at > 0 AND {column} IN "
                             f"({','.join(str(int(id) - (days * DAY // 1000 << 22)) for id in ids)})", [days * DAY])
    database.close()
    return [str(int(id) - (days * DAY // 1000 << 22)) for id in ids]


def sweep(options, folder):
    often = 'sweep_every = "1s"\n'
    node = Node(options.programs, folder, PROBE + "[retention]\n" + often + '[queues.brief]\nkeep_completed = "1d"\n'
                '[queues.long]\nkeep_completed = "100d"\nkeep_failed = "100d"\n')
    node.start()
    make = lambda kind, count=2, **more: [enqueue(node, kind, **{"queue": "mine", **more})["id"] for _ in range(count)]
    completed, brief, long = make("probe.noop"), make("probe.noop", queue="brief"), make("probe.noop", queue="long")
    failed = make("probe.fail", 4, args={"class": "final"})
    cancelled, waiting, young = (make("probe.noop", delay_ms=3_600_000), make("probe.noop", delay_ms=3_600_000),
                                 make("probe.noop"))
    for id in cancelled:
        node.call("POST", f"/api/v1/executions/{id}/cancel", {})
    for id in completed + brief + long + young:
        wait_for(node, id, "completed")
    for id in failed:
        wait_for(node, id, "failed")
    node.stop()
    completed, cancelled, waiting = (age(node, 8, ids) for ids in (completed, cancelled, waiting))
    brief, long = age(node, 2, brief), age(node, 8, long)
    older, old = age(node, 31, failed[:2]), age(node, 8, failed[2:])
    with sqlite3.connect(f"{folder}/data/penstock.db") as database:
        first = database.execute("SELECT min(position) FROM events").fetchone()[0]
        database.execute("UPDATE events SET time = time - ? WHERE position = ?", [31 * DAY, first])
    database.close()
    node.start()
    there = lambda ids: node.rows(f"SELECT count(*) FROM jobs WHERE id IN ({','.join(ids)})")[0][0]
    wait_until("the old ones are gone", lambda: not there(completed + cancelled + brief + older), 20)
    expect("jobs that stay: of a queue that keeps them, failed, waiting, young",
           [there(long), there(old), there(waiting), there(young)], [2, 2, 2, 2])
    expect("what belonged to those that went", node.rows(
        f"SELECT count(*) FROM job_errors WHERE job_id IN ({','.join(older)})")[0][0], 0)
    wait_until("the old event is gone", lambda: node.rows("SELECT min(position) FROM events")[0][0] > first, 20)
    counts = node.call("GET", "/api/v1/queues/mine")["counts"]
    expect("the counts follow", (counts["completed"], counts["failed"], counts["cancelled"]), (2, 2, 0))
    node.stop()

    # Of more than so many the oldest go, however young they are.
    node.config.write_text(node.config.read_text().replace(often, often + "most_ended_jobs = 50\nmost_events = 20\n"))
    node.start()
    made = enqueue_many(node, [append("k") for _ in range(100)])
    wait_until("the number holds", lambda: len(effects(node)) == 100 and node.rows(
        "SELECT count(*) FROM job_states WHERE state > 2")[0][0] <= 50, 20)
    expect("the youngest is there", there([made[-1]["id"]]), 1)
    enqueue_many(node, [{"kind": "probe.fail", "args": {"class": "final"}}] * 60)
    wait_until("so it does of events", lambda: 0 < node.rows("SELECT count(*) FROM events")[0][0] <= 21, 20)
    node.stop()


def refusal(node, method, path, body=None):
    try:
        node.call(method, path, body)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers.get("Retry-After") is not None, refused.read().decode()
    return 200, False, ""


def brake(options, folder):
    most = 1024  # GB: what min_free_space may be
    if shutil.disk_usage(folder).free > most << 30:
        print(f"skipped: more than {most} GB are free here, so no limit is above it")
        sys.exit(77)
    settings = PROBE + "[queues.default]\nconcurrency = 1\n"
    node = Node(options.programs, folder, settings)
    node.start()
    queue_call(node, "default", "pause")
    waiting = [enqueue(node, "probe.append", {"key": "before"})["id"] for _ in range(3)]
    node.call("POST", "/api/v1/schedules", {"name": "often", "every": "1 s", "kind": "probe.append", "queue": "other",
                                            "args": {"key": "fired"}, "enabled": False})
    node.stop()
    plain = node.config.read_text()
    node.config.write_text(plain.replace("[node]\n", f'[node]\nmin_free_space = "{most}GB"\n'))
    node.ready = lambda: (node.folder / "data" / "node.url").exists() and answers(node)
    node.start()
    wait_until("it is not ready", lambda: refusal(node, "GET", "/readyz")[0] == 503, 20)
    expect("with a hint when to ask again", refusal(node, "GET", "/readyz")[1], True)
    status, hint, why = refusal(node, "POST", "/api/v1/executions", {"kind": "probe.noop"})
    expect("a new job", (status, hint, "min_free_space" in why), (503, True, True))
    expect("an array of them", refusal(node, "POST", "/api/v1/executions", [{"kind": "probe.noop"}])[0], 503)
    print("resume:", refusal(node, "POST", "/api/v1/queues/default/resume", {})[0])
    print("enable:", refusal(node, "PATCH", "/api/v1/schedules/often", {"enabled": True})[0])
    expect("reading goes on", job(node, waiting[0])["state"], "waiting")
    lived = lambda: node.call("GET", "/api/v1/node")["uptime_ms"]
    then = lived()
    wait_until("the schedule was due twice", lambda: lived() > then + 2200, 20)
    expect("what ran", effects(node), [])
    expect("the log says why", "no new work is taken" in (node.folder / "node.log").read_text(), True)
    node.stop()
    node.config.write_text(plain)
    del node.ready
    node.start()
    queue_call(node, "default", "resume")
    wait_until("all that waited has run", lambda: effects(node).count("before") == 3, 20)
    node.stop()


def answers(node):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{node.port}/healthz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def health(options, folder):
    node = Node(options.programs, folder, PROBE + "[queues.narrow]\nconcurrency = 1\nwarn_failed = 1\nwarn_waiting = 5\n"
                'warn_stalled = "1s"\n')
    node.start()
    kinds = lambda: sorted(w["kind"] for w in node.call("GET", "/api/v1/queues/narrow/health")["warnings"])
    enqueue_many(node, [{"kind": "probe.fail", "args": {"class": "final"}, "queue": "narrow"}] * 2)
    wait_until("failed jobs are a warning", lambda: kinds() == ["failed"], 20)
    blocker = enqueue(node, "probe.sleep", {"ms": 600_000}, queue="narrow")["id"]
    wait_for(node, blocker, "active")
    enqueue_many(node, [append("k", queue="narrow")] * 6)
    wait_until("so are many that wait while none ends", lambda: kinds() == ["failed", "stalled", "waiting"], 20)
    seen = node.call("GET", "/api/v1/queues/narrow/health")
    expect("health tells", (seen["healthy"], seen["counts"]["waiting"], seen["oldest_waiting_ms"] > 900), (False, 6, True))
    expect("queue status tells it", all(word in node.cli("queue", "status", "narrow") for word in ("wait", "failed")), True)
    node.call("POST", f"/api/v1/executions/{blocker}/cancel", {})
    node.cli("queue", "flush", "--queue", "narrow")
    wait_until("they are over", lambda: kinds() == [], 20)

    # Another process holds the database: what was done waits in memory, and new work is refused.
    last = enqueue(node, "probe.sleep", {"ms": 700}, queue="narrow")["id"]
    wait_for(node, last, "active")
    lock = sqlite3.connect(f"{folder}/data/penstock.db", isolation_level=None, timeout=30)
    lock.execute("BEGIN IMMEDIATE")
    status, hint, _ = refusal(node, "POST", "/api/v1/executions", {"kind": "probe.noop"})
    expect("a new job meanwhile", (status, hint), (503, True))
    wait_until("a database that takes nothing is a warning", lambda: kinds() == ["database"], 30)
    lock.execute("ROLLBACK")
    lock.close()
    wait_for(node, last, "completed")
    expect("its attempts", job(node, last)["attempt"], 1)
    wait_until("that is over too", lambda: kinds() == [], 20)
    node.stop()


def shown(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    token = (node.folder / "data" / "admin.token").read_text().strip()
    asked = urllib.request.Request(f"http://127.0.0.1:{node.port}/api/v1/events/stream?live=1&type=job.*",
                                   headers={"Authorization": f"Bearer {token}"})
    stream, heard = urllib.request.urlopen(asked, timeout=60), []

    def listen():
        try:
            for line in stream:
                if line.startswith(b"data:"):
                    heard.append(json.loads(line[5:]))
        except (OSError, ValueError):
            pass  # it ends with the node

    threading.Thread(target=listen, daemon=True).start()
    sleeper = enqueue(node, "probe.sleep", {"ms": 3300})["id"]
    of = lambda type: [e["data"] for e in heard if e["type"] == type and e["data"]["job_id"] == sleeper]
    wait_until("its end is heard", lambda: of("job.completed"), 30)
    expect("live news of one job", (len(of("job.started")), len(of("job.completed"))), (1, 1))
    progress = of("job.progress")
    print("progress:", [(p["percent"], p["remaining_ms"]) for p in progress])
    expect("of three seconds", [p["percent"] for p in progress], [30, 60, 90])
    expect("the time left falls", sorted((p["remaining_ms"] for p in progress), reverse=True),
           [p["remaining_ms"] for p in progress])
    expect_within("milliseconds left after a third", progress[0]["remaining_ms"], 2000, 6000)
    expect("none of it is stored", node.rows("SELECT count(*) FROM events WHERE type IN "
                                             "('job.started', 'job.progress', 'job.completed')")[0][0], 0)
    expect("the last progress stays with the job", job(node, sleeper)["progress"]["stage"], "sleeping")
    retried = enqueue(node, "probe.fail", {"class": "retryable", "times": 1}, backoff="fixed 1h")["id"]
    wait_until("its first attempt is over", lambda: job(node, retried)["errors"], 20)
    lines = node.call("GET", f"/api/v1/executions/{retried}/logs")["items"]
    expect("its log while it waits for the next", [(line["attempt"], line["level"], bool(line["at"])) for line in lines],
           [(1, "warn", True)])
    printed = node.cli("jobs", "show", retried)
    expect("jobs show prints log and error", ("fails as asked" in printed, "retryable" in printed), (True, True))
    node.stop()


if __name__ == "__main__":
    run_case(__doc__, {"sweep": sweep, "brake": brake, "health": health, "shown": shown})
