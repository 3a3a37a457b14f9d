#!/usr/bin/env python3
"""The rules of integrations, seen from outside a real node in front of the sandbox.

  integration_test.py due      --programs DIR   which ones the due check takes, and which it repairs
  integration_test.py failures --programs DIR   growing pauses, one alert, recovery, a consent that is lost
  integration_test.py runs     --programs DIR   one run at a time, pause and resume, what a run's jobs are, reset

Prints what it saw; exits 0 only if it is what it must be.
"""
import datetime
import json
import sqlite3
import urllib.error
import urllib.request

from jobs_test import refused, seconds_between
from limits_test import authorise
from node_test import expect, expect_totals, first_sync, steer, sync
from queue_test import expect_within
from real_node import Node, Sandbox, run_case, wait_until

CHECK = "check-integration-updates"
HOUR = 3600 * 1_000_000  # microseconds


def start(options, folder, *sandbox_options):
    sandbox = Sandbox(options.programs, "--change-every", "0s", "--accounts", 1, "--transactions", 150, *sandbox_options)
    node = Node(options.programs, folder, sandbox.settings())
    node.start()
    return sandbox, node


def shown(node, account):
    return node.call("GET", f"/api/v1/integrations/{account}")


def runs(node, account):
    return node.call("GET", f"/api/v1/integrations/{account}/runs")["items"]


def told(node, type):
    return len(node.call("GET", f"/api/v1/events?type={type}&limit=200")["items"])


def check_often(node):
    expect("how often it is looked for due ones", node.call("GET", f"/api/v1/schedules/{CHECK}")["every"], "30s")
    node.call("PATCH", f"/api/v1/schedules/{CHECK}", {"every": "1 s"})


def checks_done(node):
    return node.call("GET", "/api/v1/executions?kind=integrations.check_updates&state=completed&limit=200")["items"]


def wait_for_checks(node, count):
    """The due check has run so often from now on."""
    last = max((int(each["id"]) for each in checks_done(node)), default=0)
    wait_until(f"{count} checks have run", lambda: sum(int(each["id"]) > last for each in checks_done(node)) >= count, 30)


def due(options, folder):
    sandbox, node = start(options, folder)
    names = ("due", "young", "paused", "by hand", "stuck")
    ids = {name: authorise(node, name) for name in names}
    node.cli("integrations", "add", "monzo", "--name", "never authorised")
    for name in names:
        first_sync(node, ids[name])
    node.cli("integrations", "pause", ids["paused"])
    node.call("PATCH", f"/api/v1/integrations/{ids['by hand']}", {"update_frequency_minutes": None})
    node.stop()
    # Nobody can set the clock of another process: what it knows of most of them is an hour older instead.
    with sqlite3.connect(f"{folder}/data/penstock.db") as database:
        database.execute("UPDATE integrations SET last_triggered_at = last_triggered_at - ?, last_successful_update_at = "
                         "last_successful_update_at - ?, next_due_at = next_due_at - ? WHERE name <> 'young'", [HOUR] * 3)
        database.execute("UPDATE integrations SET status = 1, next_due_at = NULL WHERE name = 'stuck'")
        database.execute("DELETE FROM due_integrations")
        database.execute("INSERT INTO due_integrations SELECT next_due_at, id, organisation_id FROM integrations "
                         "WHERE next_due_at IS NOT NULL")
    database.close()
    node.start()
    check_often(node)
    wait_until("the due one and the stuck one are taken", lambda: all(
        len(runs(node, ids[name])) == 2 and runs(node, ids[name])[0]["state"] == "completed" for name in ("due", "stuck")), 30)
    wait_for_checks(node, 2)
    expect("runs of each", {name: len(runs(node, ids[name])) for name in names},
           {"due": 2, "stuck": 2, "young": 1, "paused": 1, "by hand": 1})
    check = checks_done(node)[0]
    expect("the check itself", (check["queue"], check["timeout_ms"], check["max_attempts"]), ("default", 60_000, 1))
    did = [each["result"] for each in checks_done(node)]
    expect("what the checks say they did", {what: sum(each[what] for each in did) for what in ("triggered", "repaired")},
           {"triggered": 2, "repaired": 1})
    expect("who made the due one's", runs(node, ids["due"])[0]["triggered_by"], "due_check")
    expect("all of them rest", {name: shown(node, ids[name])["status"] for name in names},
           {name: "paused" if name == "paused" else "idle" for name in names})
    after = shown(node, ids["due"])
    expect("the next is due one frequency after the success",
           seconds_between(after["last_successful_update_at"], after["next_due_at"]) >= 900, True)
    unknown = [each for each in json.loads(node.cli("integrations", "list", "--json"))["items"]
               if each["name"] == "never authorised"][0]
    expect("the one that was never authorised", (unknown["awaits_consent"], len(runs(node, unknown["id"]))), (True, 0))
    return sandbox, node


def failures(options, folder):
    sandbox, node = start(options, folder)
    account = authorise(node, "ann")
    first_sync(node, account)
    check_often(node)
    steer(sandbox, "faults", {"malformed": 1})
    for failures_so_far, minutes in ((1, 30), (2, 60), (3, 120)):
        run = sync(node, account)
        seen = shown(node, account)
        expect(f"after failure {failures_so_far}", (run["state"], seen["status"], seen["consecutive_failures"],
                                                    seen["last_triggered_at"]), ("failed", "failed", failures_so_far, None))
        expect_within("minutes until it is asked again", seconds_between(run["ended_at"], seen["next_due_at"]) / 60,
                      minutes - 0.1, minutes + 0.1)
    wait_for_checks(node, 2)
    expect("runs: the check leaves it alone", len(runs(node, account)), 4)
    try:
        node.call("POST", f"/api/v1/integrations/{account}/fetch", {})
        expect("a fetch that is not forced", "taken", "refused")
    except urllib.error.HTTPError as refusal:
        expect("a fetch that is not forced", refusal.code, 409)
    expect("alerts", (told(node, "integration.failed"), told(node, "integration.recovered")), (1, 0))
    urllib.request.urlopen(urllib.request.Request(f"{sandbox.base}/sandbox/faults", method="DELETE"), timeout=10).close()
    expect("mended", sync(node, account)["state"], "completed")
    seen = shown(node, account)
    expect("it has recovered", (seen["status"], seen["consecutive_failures"], seen["last_error"]), ("idle", 0, None))
    expect("alerts", (told(node, "integration.failed"), told(node, "integration.recovered")), (1, 1))

    steer(sandbox, "revoke", {})
    expect("without a consent", sync(node, account)["state"], "failed")
    seen = shown(node, account)
    expect("it waits for a person", (seen["status"], seen["next_due_at"]), ("requires_reauth", None))
    expect("who is told once", told(node, "integration.requires_reauth"), 1)
    expect("not even by force", refused(node, {"force": True}, f"/api/v1/integrations/{account}/fetch")[0], 409)
    before = len(runs(node, account))
    wait_for_checks(node, 2)
    expect("nor by the check", len(runs(node, account)), before)
    steer(sandbox, "change", {"add": 3, "deposit": 1})  # meanwhile, to be caught up with
    link = next(w for w in node.cli("integrations", "authorize", account, "--no-wait").split() if w.startswith("http"))
    urllib.request.urlopen(link, timeout=30).close()
    wait_until("it goes on by itself", lambda: len(runs(node, account)) > before and
               runs(node, account)[0]["state"] == "completed", 30)
    expect("its status", shown(node, account)["status"], "idle")
    expect_totals(node, sandbox)
    return sandbox, node


def with_run(options, folder):
    sandbox, node = start(options, folder, "--latency", "300ms")
    account = authorise(node, "ann")
    first_sync(node, account)
    fetch = lambda **body: node.call("POST", f"/api/v1/integrations/{account}/fetch", body)
    first = fetch(force=True)
    wait_until("it is under way", lambda: shown(node, account)["status"] == "processing", 10)
    for again in (fetch(), fetch(force=True)):
        expect("a second fetch is the first", (again["job_id"], again["deduplicated"]), (first["job_id"], True))
    node.cli("integrations", "pause", account)
    wait_until("the run ends", lambda: runs(node, account)[0]["state"] != "running", 30)
    expect("paused meanwhile it ends well and stays paused", (runs(node, account)[0]["state"], shown(node, account)["status"]),
           ("completed", "paused"))
    expect("runs", len(runs(node, account)), 2)
    expect("a fetch of a paused one", refused(node, {"force": True}, f"/api/v1/integrations/{account}/fetch")[0], 409)
    node.cli("integrations", "resume", account)
    expect("resumed", shown(node, account)["status"], "idle")

    run = runs(node, account)[0]
    jobs = node.call("GET", f"/api/v1/executions?run={run['id']}&limit=200")["items"]
    root = next(each for each in jobs if each["id"] == run["job_id"])
    expect("its root", (root["kind"], root["queue"], root["timeout_ms"], root["unique_key"]),
           ("integration.process", "default", 300_000, account))
    expect("the root's children have ended before it", root["children"]["open"], 0)
    rules = {}
    for each in jobs:
        rules.setdefault(each["queue"], set()).add((each["timeout_ms"], each["max_attempts"], each["backoff"]))
    expect("fetch jobs: 120 s and three retries", rules["fetch"], {(120_000, 4, "list 1m 5m 10m")})
    expect("process jobs: 300 s and two retries", rules["process"], {(300_000, 3, "list 2m 5m")})
    expect("all of it in one run", {each["run_id"] for each in jobs}, {run["id"]})
    pulls = [each for each in jobs if each["kind"] == "monzo.transaction_pull"]
    asked = [node.call("GET", f"/api/v1/executions/{each['id']}/exchanges")["items"] for each in pulls]
    expect("pages that each fetch job asked for", {len(each) for each in asked}, {1})
    expect("updated when the run ended", seconds_between(shown(node, account)["last_successful_update_at"],
                                                         run["ended_at"]) <= 1, True)

    node.cli("integrations", "reset", account)
    again = sync(node, account)
    expect("from the beginning nothing is doubled", (again["state"], again["rows"]["added"]), ("completed", 0))
    expect("and all of it was asked for", again["rows"]["unchanged"] >= 150, True)
    newest = node.rows("SELECT max(created_at) FROM v_monzo_transactions")[0][0]
    since = (datetime.datetime.fromisoformat(newest.replace("Z", "+00:00")) - datetime.timedelta(days=5)).isoformat()
    node.cli("integrations", "reset", account, "--from", since)
    later = sync(node, account)
    expect("from a moment on it is less", 0 < later["rows"]["unchanged"] < again["rows"]["unchanged"], True)
    expect_totals(node, sandbox)
    return sandbox, node


if __name__ == "__main__":
    run_case(__doc__, {"due": due, "failures": failures, "runs": with_run})
