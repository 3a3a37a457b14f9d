#!/usr/bin/env python3
"""Schedules of a real node, and a dry run, seen from outside.

  schedule_test.py overlap  --programs DIR   each overlap policy, on jobs that take longer than their period
  schedule_test.py missed   --programs DIR   a node that was down for three days fires a daily one once, a frequent one once
  schedule_test.py backfill --programs DIR   a week of a daily schedule, each day once though it is asked for twice
  schedule_test.py edits    --programs DIR   what a person edited outlives restarts, a killed node too
  schedule_test.py dry_run  --programs DIR   a dry run tells what a sync then does, and stores nothing

Prints what it saw; exits 0 only if it is what it must be.
"""
import datetime
import json
import sqlite3
import sys
import time
import urllib.error
import urllib.request

from real_node import Node, Sandbox, add_monzo, run_case, wait_until

PROBE = "[connectors.probe]\nenabled = true\n"


def expect(what, seen, wanted):
    print(f"{what}: {seen}" + ("" if seen == wanted else f", but {wanted} was expected"))
    if seen != wanted:
        sys.exit(1)


def expect_true(what, seen):
    print(f"{what}: {seen}")
    if not seen:
        sys.exit(1)


def add(node, name, **fields):
    return node.call("POST", "/api/v1/schedules", {"name": name, **fields})


def occurrences(node, name):
    """Oldest first."""
    found = node.call("GET", f"/api/v1/schedules/{name}/occurrences?limit=200")["items"]
    return found[::-1]


def jobs_of(node, name):
    return node.rows("SELECT s.state, s.started_at, s.finished_at FROM job_states s JOIN jobs j ON j.id = s.id "
                     f"WHERE j.triggered_by = 'schedule:{name}' ORDER BY j.id")


def most_at_once(jobs):
    """Of jobs that ran: how many did so at the same time."""
    edges = [(start, 1) for state, start, _ in jobs if state in (3, 5) and start > 0]
    edges += [(end, -1) for state, start, end in jobs if state in (3, 5) and start > 0]
    running = most = 0
    for _, step in sorted(edges):
        running += step
        most = max(most, running)
    return most


def overlap(options, folder):
    policies = ["skip", "queue_one", "queue_all", "cancel_running", "allow"]
    node = Node(options.programs, folder, PROBE)
    node.start()
    for policy in policies:
        add(node, policy, every="1 s", kind="probe.sleep", args={"ms": 2300}, queue=f"of-{policy}", overlap=policy)
    wait_until("each has met its earlier jobs",
               lambda: all(len(occurrences(node, policy)) >= 6 for policy in policies))
    node.call("POST", "/api/v1/schedules/skip/trigger")  # whatever became of it, one is open now
    triggered = node.call("POST", "/api/v1/schedules/skip/trigger")
    for policy in policies:
        node.cli("schedule", "disable", policy)
    wait_until("all jobs have ended", lambda: not node.probe_jobs_open())
    outcomes = {policy: [each["outcome"] for each in occurrences(node, policy) if each["reason"] != "manual"]
                for policy in policies}
    jobs = {policy: jobs_of(node, policy) for policy in policies}
    for policy in policies:
        print(policy, outcomes[policy], [state for state, *_ in jobs[policy]])
    expect("a trigger beside a running job of 'skip'", (triggered["outcome"], triggered["job_ids"]), ("skipped", []))
    expect("skip", set(outcomes["skip"]), {"fired", "skipped"})
    expect_true("most were skipped", outcomes["skip"].count("skipped") > outcomes["skip"].count("fired"))
    expect("queue_one", set(outcomes["queue_one"]), {"fired", "queued", "skipped"})
    expect("queue_all", set(outcomes["queue_all"]), {"fired", "queued"})
    expect("jobs of queue_all", len(jobs["queue_all"]), len(outcomes["queue_all"]))
    for policy in ("skip", "queue_one", "queue_all", "cancel_running"):
        expect(f"at once, {policy}", most_at_once(jobs[policy]), 1)
    expect_true("at once, allow, more than one", most_at_once(jobs["allow"]) > 1)
    expect("allow", set(outcomes["allow"]), {"fired"})
    expect("skipped by cancel_running", "skipped" in outcomes["cancel_running"], False)
    expect("all but the last of cancel_running were cancelled", [state for state, *_ in jobs["cancel_running"]],
           [5] * (len(jobs["cancel_running"]) - 1) + [3])
    expect_true("shown by the command line", "skipped" in node.cli("schedule", "occurrences", "skip"))
    return node


def missed(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    # Ten minutes ago, every day; so the last of three that were missed is ten minutes old.
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=10)
    add(node, "daily", cron=f"{at.minute} {at.hour} * * *", kind="probe.append", args={"key": "daily {occurrence}"})
    add(node, "often", every="5 m", kind="probe.append", args={"key": "often {occurrence}"})
    add(node, "strict", cron=f"{at.minute} {at.hour} * * *", kind="probe.append", args={"key": "strict {occurrence}"},
        catch_up_ms=0)
    node.stop()
    # Nobody can set the clock of another process: what the node knows of itself is three days older instead.
    three_days = 3 * 24 * 3600 * 1_000_000
    with sqlite3.connect(f"{folder}/data/penstock.db") as database:
        database.execute("UPDATE schedules SET created_at = created_at - ?, effective_from = effective_from - ?, "
                         "last_fired_at = last_fired_at - ?", [three_days] * 3)
        database.execute("DELETE FROM schedule_occurrences")
    database.close()
    node.start()
    caught_up = lambda name: [each for each in occurrences(node, name) if each["reason"] == "catch_up"]
    wait_until("both are made good", lambda: caught_up("daily") and caught_up("often") and occurrences(node, "strict"))
    time.sleep(3)  # a flood would come now
    wait_until("their jobs have ended", lambda: not node.probe_jobs_open())
    expect("daily, made good", len(caught_up("daily")), 1)
    expect("daily, in all", len(occurrences(node, "daily")), 1)
    expect("often, made good", len(caught_up("often")), 1)
    expect("strict", [each["outcome"] for each in occurrences(node, "strict")], ["missed"])
    day = at.strftime("%Y-%m-%dT%H:%M:00Z")
    expect("effects of daily", node.rows("SELECT key FROM probe_effects WHERE key LIKE 'daily%'"), [(f"daily {day}",)])
    expect("effects of strict", node.rows("SELECT count(*) FROM probe_effects WHERE key LIKE 'strict%'")[0][0], 0)
    often = node.rows("SELECT count(*) FROM probe_effects WHERE key LIKE 'often%'")[0][0]
    on_time = len([each for each in occurrences(node, "often") if each["reason"] == "on_time"])
    expect("effects of often, beside those on time", often - on_time, 1)
    told = {event["data"]["schedule"]: event["data"]["missed"]
            for event in node.call("GET", "/api/v1/events?type=schedule.missed")["items"]}
    print("told as missed:", told)
    expect("missed of daily", told["daily"], 2)
    expect("missed of strict", told["strict"], 3)
    expect_true("missed of often: three days of them but one", 862 <= told["often"] <= 864)
    node.stop()
    node.start()
    expect("told again after another start",
           len([event for event in node.call("GET", "/api/v1/events?type=schedule.missed")["items"]
                if event["data"]["schedule"] in ("daily", "strict")]), 2)
    return node


def backfill(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    add(node, "nightly", cron="0 4 * * *", time_zone="Europe/Berlin", kind="probe.append",
        args={"key": "{occurrence}"}, enabled=False)
    week = ["--from", "2026-03-23T00:00:00Z", "--to", "2026-03-30T00:00:00Z"]  # summer time begins on the 29th
    preview = node.cli("schedule", "backfill", "nightly", *week, "--preview")
    print(preview)
    expect_true("preview", preview.startswith("7 occurrences would be made, 0 of 7 had fired already"))
    expect("jobs after the preview", jobs_of(node, "nightly"), [])
    print(node.cli("schedule", "backfill", "nightly", *week))
    again = json.loads(node.cli("schedule", "backfill", "nightly", *week, "--json"))
    expect("asked twice", (again["occurrences"], again["count"], again["already_fired"]), (7, 0, 7))
    wait_until("they have ended", lambda: not node.probe_jobs_open())
    keys = [key for key, in node.rows("SELECT key FROM probe_effects ORDER BY key")]
    expect("effects", keys, [f"2026-03-{day}T03:00:00Z" for day in range(23, 29)] + ["2026-03-29T02:00:00Z"])
    reasons = {each["reason"] for each in occurrences(node, "nightly")}
    expect("reasons", reasons, {"backfill"})
    for body in ({"from": "2026-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z"}, {"from": "2026-01-01T00:00:00Z"}):
        try:
            node.call("POST", "/api/v1/schedules/nightly/backfill", body)
            sys.exit(f"a back-fill of {body} was taken")
        except urllib.error.HTTPError as refused:
            expect("refused", refused.code, 400)
    return node


def edits(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    add(node, "mine", cron="0 4 * * *", kind="probe.noop")
    wanted = {"cron": "*/10 3-5 * * mon#1", "time_zone": "Asia/Tokyo", "args": {"a": 1}, "enabled": False,
              "overlap": "queue_one", "catch_up_ms": 60000, "jitter_ms": 1000, "stagger_ms": 500,
              "weekdays": ["mon", "fri"]}
    changed = node.call("PATCH", "/api/v1/schedules/mine", wanted)
    expect("answered", {name: changed[name] for name in wanted}, wanted)
    own = {"every": "7 m", "overlap": "allow"}
    node.call("PATCH", "/api/v1/schedules/check-integration-updates", own)
    for end in (node.stop, node.kill):
        end()
        node.start()
        mine = node.call("GET", "/api/v1/schedules/mine")
        expect("after a restart", {name: mine[name] for name in wanted}, wanted)
        check = node.call("GET", "/api/v1/schedules/check-integration-updates")
        expect("the node's own", {name: check[name] for name in own}, own)
    expect("next of a disabled one", mine["next_runs"], [])
    node.cli("schedule", "enable", "mine")
    expect("next of an enabled one", len(node.call("GET", "/api/v1/schedules/mine")["next_runs"]), 5)
    # An edit counts at once: no restart is needed.
    node.call("PATCH", "/api/v1/schedules/mine",
              {"every": "1 s", "args": {}, "weekdays": None, "jitter_ms": 0, "overlap": "allow"})
    wait_until("it fires by its new rule", lambda: len(occurrences(node, "mine")) >= 2, 20)
    node.cli("schedule", "disable", "mine")
    node.call("PATCH", "/api/v1/schedules/mine", {"args": {}})
    tested = node.cli("schedule", "test", "mine")
    print(tested)
    expect_true("tested", "completed" in tested)
    return node


def dry_run(options, folder):
    sandbox = Sandbox(options.programs, "--change-every", "0s", "--accounts", 1, "--transactions", 250)
    node = Node(options.programs, folder, sandbox.settings())
    node.start()
    account = add_monzo(node, "ann")
    runs = lambda: node.call("GET", f"/api/v1/integrations/{account}/runs")["items"]
    wait_until("the first sync ends", lambda: runs() and runs()[0]["state"] != "running")
    change = lambda body: urllib.request.urlopen(urllib.request.Request(
        f"{sandbox.base}/sandbox/change", data=json.dumps(body).encode()), timeout=10).close()
    change({"amend": 2})
    change({"add": 3})
    state = lambda: (node.rows("SELECT * FROM monzo_transactions ORDER BY source_id"),
                     node.rows("SELECT stream, cursor, run_id, page FROM stream_cursors ORDER BY stream"),
                     node.rows("SELECT status, last_triggered_at, last_successful_update_at, next_due_at, last_error "
                               "FROM integrations"),
                     node.rows("SELECT count(*) FROM events")[0])
    before = state()
    told = node.cli("integrations", "fetch", account, "--dry-run")
    print(told)
    expect("stored by a dry run", state() == before, True)
    found = json.loads(node.cli("integrations", "fetch", account, "--dry-run", "--json"))
    expect("stored by another one", state() == before, True)
    tables = {each["table"]: (each["added"], each["updated"]) for each in found["difference"]["tables"]}
    expect("would change", tables["monzo_transactions"], (3, 2))
    kinds = [each["change"] for each in found["difference"]["rows"] if each["table"] == "monzo_transactions"]
    expect("rows shown", sorted(kinds), ["added"] * 3 + ["updated"] * 2)
    expect("marked as dry", found["run"]["dry_run"], True)
    root = node.call("POST", f"/api/v1/integrations/{account}/fetch", {"force": True})["job_id"]
    wait_until("the sync ends", lambda: [run for run in runs() if run["job_id"] == root and run["state"] == "completed"])
    rows = [run for run in runs() if run["job_id"] == root][0]["rows"]
    expect("the sync then does as much as the dry run said", (rows["added"], rows["updated"]),
           (found["run"]["rows"]["added"], found["run"]["rows"]["updated"]))
    node.stop()
    sandbox.stop()
    return None


if __name__ == "__main__":
    run_case(__doc__, {"overlap": overlap, "missed": missed, "backfill": backfill, "edits": edits, "dry_run": dry_run})
