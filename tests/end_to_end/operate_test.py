#!/usr/bin/env python3
"""What an operator sees and uses: reports of failures, the log, syncs by hand and by the clock.

  operate_test.py sentry --programs DIR   envelopes of failures, byte by byte; limits obeyed; nothing waits for them
  operate_test.py syncs  --programs DIR   fetch of all, of a service, forced and dry; times of day; lines of log and tail

Prints what it saw; exits 0 only if it is what it must be.
"""
import http.server
import json
import re
import subprocess
import threading
import time

from limits_test import authorise
from node_test import expect, first_sync
from queue_test import PROBE, enqueue, wait_for
from real_node import Node, Sandbox, run_case, wait_until

KEY = "0123456789abcdef0123456789abcdef"


class Sentry:
    """Takes envelopes, and answers each by the next of `answers`: (status, headers); then by 200."""

    def __init__(self):
        self.answers, self.taken = [], []
        sentry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers = sentry.answers.pop(0) if sentry.answers else (200, {})
                sentry.taken.append((self.path, dict(self.headers), body))
                answer = b'{"id":"0"}'
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.dsn = f"http://{KEY}@127.0.0.1:{self.server.server_address[1]}/42"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def events_of(body):
    """The items of an envelope, read as its format says: by the length that each item's header names."""
    header, rest = body.split(b"\n", 1)
    events = []
    while rest:
        item, rest = rest.split(b"\n", 1)
        length = json.loads(item)["length"]
        expect("what follows the payload", rest[length:length + 1], b"\n")
        events.append((json.loads(item), json.loads(rest[:length])))
        rest = rest[length + 1:]
    return json.loads(header), events


def log_of(folder):
    with open(f"{folder}/node.log", encoding="utf-8") as log:
        return log.read()


def sentry(options, folder):
    sink = Sentry()
    node = Node(options.programs, folder, PROBE + f'[sentry]\ndsn = "{sink.dsn}"\nenvironment = "test"\nrepeat_after = "0s"\n')
    node.start()
    retried = enqueue(node, "probe.fail", {"times": 1}, max_attempts=2, backoff="fixed 100ms")["id"]
    failed = enqueue(node, "probe.fail", {"class": "bad_configuration"}, queue="mine")["id"]
    wait_for(node, retried, "completed")
    wait_for(node, failed, "failed")
    wait_until("it is reported", lambda: sink.taken, 10)
    path, headers, body = sink.taken[0]
    expect("where to", path, "/api/42/envelope/")
    expect("what it is", headers["Content-Type"], "application/x-sentry-envelope")
    expect("who asks", re.fullmatch(r"Sentry sentry_version=7, sentry_client=penstock/[\w.]+, sentry_key=" + KEY,
                                    headers["X-Sentry-Auth"]) is not None, True)
    envelope, [(item, event)] = events_of(body)
    expect("the item", (item["type"], item["content_type"]), ("event", "application/json"))
    expect("its id", (len(event["event_id"]), event["event_id"] == envelope["event_id"],
                      re.fullmatch("[0-9a-f]+", event["event_id"]) is not None), (32, True, True))
    expect("the event", {name: event[name] for name in ("level", "platform", "environment", "fingerprint")},
           {"level": "error", "platform": "other", "environment": "test",
            "fingerprint": ["probe.fail", "bad_configuration"]})
    expect("its exception", event["exception"], {"values": [
        {"type": "bad_configuration", "value": "probe.fail: failed as asked (bad_configuration)"}]})
    expect("its tags", event["tags"], {"kind": "probe.fail", "queue": "mine", "job": failed, "attempts": "1",
                                       "error_class": "final"})
    expect("the attempt that was retried is not reported", len(sink.taken), 1)
    expect("but logged as an error that is tried again", "failed at attempt 1 and is tried again" in log_of(folder), True)

    sink.answers = [(429, {"Retry-After": "6"})]
    fail = lambda: wait_for(node, enqueue(node, "probe.fail", {"class": "final"})["id"], "failed")
    fail()
    wait_until("it is refused", lambda: len(sink.taken) == 2, 10)
    refused_at = time.monotonic()
    for _ in range(2):
        fail()
    expect("while Sentry wants none it is sent none", len(sink.taken), 2)
    wait_until("it is said", lambda: "did not reach Sentry: Sentry wants none until" in log_of(folder), 10)
    wait_until("the limit is over", lambda: time.monotonic() > refused_at + 6.5, 20)
    fail()
    wait_until("afterwards it is told again", lambda: len(sink.taken) == 3, 10)

    sink.answers = [(200, {"X-Sentry-Rate-Limits": "60:error:organization"})]
    fail()
    wait_until("a good answer with a limit", lambda: len(sink.taken) == 4, 10)
    fail()
    expect("is obeyed too", len(sink.taken), 4)
    node.stop()
    expect("what a stop says of those that were dropped", "did not reach Sentry" in log_of(folder).splitlines()[-1], True)

    node.start()
    last = enqueue(node, "probe.fail", {"class": "final"})["id"]
    wait_for(node, last, "failed")
    node.stop()
    expect("a stop lets the last one leave", events_of(sink.taken[-1][2])[1][0][1]["tags"]["job"], last)
    expect("the key is nowhere in the log", KEY in log_of(folder), False)
    told = subprocess.run([node.programs / "penstock", "check-config", "--config", node.config], capture_output=True,
                          text=True, check=True)
    expect("nor in what check-config shows", KEY in told.stdout + told.stderr, False)

    sink.stop()  # nobody is there any more: jobs do not care
    node.start()
    wait_for(node, enqueue(node, "probe.fail", {"class": "final"})["id"], "failed")
    wait_until("it is said", lambda: re.search(r"1 report of failures did not reach Sentry: cannot connect to http://127",
                                               log_of(folder)), 20)
    return node


def syncs(options, folder):
    sandbox = Sandbox(options.programs, "--change-every", "0s", "--accounts", 1, "--transactions", 30)
    node = Node(options.programs, folder, sandbox.settings())
    node.config.write_text(node.config.read_text().replace('level = "warn"', 'level = "info"'))
    node.start()
    ids = {name: authorise(node, name) for name in ("ann", "bob")}
    for name, account in ids.items():
        first_sync(node, account)
    node.cli("integrations", "pause", ids["bob"])
    told = node.cli("integrations", "fetch")
    expect("a fetch of all leaves out those that are not due, and says so",
           (f"integration {ids['ann']} (ann): not due before" in told, ids["bob"] in told), (True, False))
    told = node.cli("integrations", "fetch", "--service", "monzo", "--force", "--follow")
    expect("forced", re.search(rf"integration {ids['ann']} \(ann\): job \d+", told) is not None, True)
    runs = lambda name: node.call("GET", f"/api/v1/integrations/{ids[name]}/runs")["items"]
    expect("runs", (len(runs("ann")), len(runs("bob"))), (2, 1))
    node.cli("integrations", "resume", ids["bob"])
    told = json.loads(node.cli("integrations", "fetch", "--service", "monzo", "--dry-run", "--json"))
    expect("dry runs of all", sorted(each["run"]["integration_id"] for each in told["items"]), sorted(ids.values()))
    expect("and of none of another service", subprocess.run(
        [node.programs / "penstock", "--config", node.config, "integrations", "fetch", "--service", "probe"],
        capture_output=True).returncode, 1)

    account = ids["ann"]
    node.cli("integrations", "schedule", account, "--at", "04:10,16:10,22:30", "--tz", "Europe/London")
    mine = lambda: {each["cron"]: each for each in node.call("GET", "/api/v1/schedules")["items"]
                    if each["args"].get("integration_id") == account}
    expect("times of day", {cron: each["time_zone"] for cron, each in mine().items()},
           {"10 4,16 * * *": "Europe/London", "30 22 * * *": "Europe/London"})
    seen = node.call("GET", f"/api/v1/integrations/{account}")
    expect("the due check leaves it alone", (seen["update_frequency_minutes"], seen["next_due_at"]), (None, None))
    node.call("POST", "/api/v1/schedules", {
        "name": "of somebody else", "cron": "0 1 1 1 *", "kind": "integrations.fetch", "args": {"integration_id": account}})
    node.cli("integrations", "schedule", account, "--at", "05:10,22:30,23:45")
    expect("other times take their place, and what somebody else made stays", {
        cron: each["time_zone"] for cron, each in mine().items()},
        {"10 5 * * *": "UTC", "30 22 * * *": "UTC", "45 23 * * *": "UTC", "0 1 1 1 *": "UTC"})
    node.cli("schedule", "test", mine()["30 22 * * *"]["name"])
    wait_until("its schedule has it synced", lambda: runs("ann")[0]["triggered_by"].startswith("job:") and
               runs("ann")[0]["state"] == "completed", 30)
    node.cli("integrations", "schedule", account, "--every", "30")
    minutes = lambda of: node.call("GET", f"/api/v1/integrations/{of}")["update_frequency_minutes"]
    expect("back to minutes", (list(mine()), minutes(account)), (["0 1 1 1 *"], 30))
    theirs = node.call("POST", "/api/v1/organisations", {"name": "theirs"})["id"]
    wanted = {"name": "bound", "role": "operator", "organisation_id": theirs}
    bound = node.call("POST", "/api/v1/tokens", wanted)["token"]
    other = node.call("POST", "/api/v1/integrations", {"service": "monzo", "organisation_id": theirs})["id"]
    node.cli("integrations", "schedule", other, "--every", "45", "--token", bound)
    expect("minutes are also for those who may not see schedules",
           minutes(other), 45)

    lines = [line.partition(": ")[2] for line in log_of(folder).splitlines() if " info " in line]
    expect("a line for each sync, by name", sum(line.startswith('monzo "ann" synced: ') for line in lines), 3)
    expect("and one when it was connected", lines.count('monzo "ann" is connected'), 1)
    tail = subprocess.Popen([node.programs / "penstock", "--config", node.config, "events", "tail", "--since", "1h"],
                            stdout=subprocess.PIPE, text=True)
    seen = [tail.stdout.readline() for _ in range(8)]
    tail.kill()
    tail.wait()
    expect("the tail: one line an event, with words", all(re.match(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  [\w.]+  \S", line) and "{" not in line for line in seen), True)
    expect("rows by the name of their integration",
           any('records.changed  monzo "ann": monzo_accounts: 1 added' in line for line in seen), True)
    return sandbox, node


if __name__ == "__main__":
    run_case(__doc__, {"sentry": sentry, "syncs": syncs})
