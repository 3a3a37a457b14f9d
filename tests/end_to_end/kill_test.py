#!/usr/bin/env python3
"""Kills real nodes with SIGKILL and counts what is left.

  kill_test.py probe --programs DIR [--rounds N] [--seed S]   a node under probe load
  kill_test.py sync  --programs DIR [--rounds N] [--transactions N] [--accounts N]   a node in the middle of a sync

Effects are counted by rows that handlers append without any unique key, so that nothing hides one that happened twice;
events by a listener that reads on over all kills, where its last connection ended.
Prints what was accepted, completed, doubled, lost and left active; exits 0 only if nothing doubled, lost or stuck.
"""
import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from real_node import Node, PostgreSQL, Sandbox, add_monzo, wait_until


def left_active(node):
    return node.rows("SELECT count(*) FROM v_jobs WHERE state = 'active' AND kind <> 'integrations.check_updates'")[0][0]


# Rows that belong to a job that is not there, and slots that name one though nothing runs.
ORPHANS = " UNION ALL ".join(
    [f"SELECT count(*) AS n FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = t.{column})"
     for table, column in (("job_payloads", "job_id"), ("job_errors", "job_id"), ("job_logs", "job_id"),
                           ("unique_keys", "job_id"), ("job_children", "parent_id"), ("job_progress", "job_id"),
                           ("suspects", "job_id"),
                           ("waiting_jobs", "id"), ("plain_ends", "job_id"))] + ["SELECT count(*) FROM slots WHERE jobs <> ''"])


def orphaned(node):
    return sum(row[0] for row in node.rows(ORPHANS))


class Listener:
    """Reads the stream of events from the first one on, and again from Last-Event-ID whenever the connection breaks."""

    def __init__(self, node):
        self.node, self.ids, self.position, self.connections = node, [], "0", 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopped.is_set():
            try:
                self.read_once()
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)  # the node is dead at the moment

    def read_once(self):
        token = (self.node.folder / "data" / "admin.token").read_text().strip()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.node.port}/api/v1/events/stream",
            headers={"Authorization": f"Bearer {token}", "Last-Event-ID": self.position})
        with urllib.request.urlopen(request, timeout=40) as answer:
            self.connections += 1
            given, data = None, None
            for line in answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "id":
                    given = value
                elif name == "data":
                    data = value
                elif name == "":  # the event is complete; what a kill cut off is not taken
                    if given is not None:
                        if data is not None:
                            self.ids.append(int(json.loads(data)["id"]))
                        self.position = given  # last: whoever sees it finds the event among those heard
                    given = data = None
                    if self.stopped.is_set():
                        return

    def compare(self):
        """When it has heard the last event: how many came twice, were missed, or were never stored."""
        last = self.node.rows("SELECT max(position) FROM events")[0][0]
        wait_until("the listener has heard the last event", lambda: int(self.position) >= last, 60)
        self.stopped.set()
        told = list(self.ids)
        heard, stored = set(told), {row[0] for row in self.node.rows("SELECT id FROM events")}
        return {"events": len(stored), "events_twice": len(told) - len(heard), "events_missed": len(stored - heard),
                "events_not_stored": len(heard - stored), "event_connections": self.connections}


def heard_well(told):
    return told["events"] > 0 and told["events_twice"] == told["events_missed"] == told["events_not_stored"] == 0


class Load:
    """Appends keys, singly and in bulk, and remembers which the node accepted. Some jobs fail at once: each makes an
    event."""

    def __init__(self, node, prefix="k"):
        self.node, self.prefix, self.accepted, self.asked = node, prefix, set(), 0
        self.lock, self.stopped = threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(i,), daemon=True) for i in range(4)]
        for each in self.threads:
            each.start()

    def run(self, number):
        choose = random.Random(number)
        while not self.stopped.is_set():
            with self.lock:
                first = self.asked
                count = choose.choice((1, 1, 20))
                self.asked += count
            keys = [f"{self.prefix}{first + i}" for i in range(count)]
            jobs = [{"kind": "probe.append", "args": {"key": key}} for key in keys]
            try:
                if choose.random() < 0.2:
                    self.node.call("POST", "/api/v1/executions", {"kind": "probe.fail", "args": {"class": "final"}}, timeout=5)
                self.node.call("POST", "/api/v1/executions", jobs if count > 1 else jobs[0], timeout=5)
            except (OSError, urllib.error.URLError, ValueError):
                time.sleep(0.02)  # the node is dead at the moment: these keys count as not accepted
                continue
            with self.lock:
                self.accepted.update(keys)

    def stop(self):
        self.stopped.set()
        for each in self.threads:
            each.join(timeout=30)


def probe(options, folder):
    if options.database == "sqlite":
        return probe_on(options, folder, None)
    server = PostgreSQL(f"{folder}/server")
    try:
        return probe_on(options, folder, server)
    finally:
        server.run("stop")


def probe_on(options, folder, server):
    node = Node(options.programs, folder, "[connectors.probe]\nenabled = true\n", server=server)
    node.start()
    choose = random.Random(options.seed)
    crash = node.call("POST", "/api/v1/executions", {"kind": "probe.crash", "args": {}, "queue": "crashing"})["id"]
    for _ in range(30):  # each start finds it, and dies of it, until it is failed as crashed
        try:
            if node.call("GET", f"/api/v1/executions/{crash}")["state"] == "failed":
                break
        except (OSError, urllib.error.URLError):
            pass
        if node.process.poll() is not None:
            start_after_crash(node)
        time.sleep(0.2)
    wait_until("probe.crash is failed", lambda: alive_state(node, crash) == "failed")
    told = node.call("GET", f"/api/v1/executions/{crash}")
    crashed_class = told["errors"][-1].get("code") if told["errors"] else None
    listener = Listener(node)
    load = Load(node)
    for number in range(options.rounds):
        moment = choose.uniform(0.2, 1.5)
        time.sleep(moment)
        node.kill()
        print(f"kill {number + 1}: {moment:.3f} s after the node was ready, {len(load.accepted)} accepted so far")
        node.start()
    time.sleep(1)
    load.stop()
    wait_for_drain(node)
    counts = dict(node.rows("SELECT key, count(*) FROM probe_effects GROUP BY key"))
    doubled = sum(1 for n in counts.values() if n > 1)
    lost = len(load.accepted - counts.keys())
    active, heard = left_active(node), listener.compare()
    appended = "SELECT count(*) FROM v_jobs WHERE kind = 'probe.append' AND "
    completed = node.rows(appended + "state = 'completed'")[0][0]
    spent = node.rows(appended + "(state <> 'completed' OR attempts > 1)")[0][0]
    node.stop()
    stray = orphaned(node)
    print(json.dumps({"database": options.database, "kills": options.rounds, "accepted": len(load.accepted),
                      "completed": completed, "effects": len(counts), "doubled": doubled, "lost": lost,
                      "orphaned": stray, "left_active": active, **heard, "attempts_lost": spent,
                      "crash_job_ended_as": crashed_class}))
    return (doubled == lost == stray == active == spent == 0 and completed == len(counts) >= len(load.accepted) > 0 and
            crashed_class == "crashed" and heard_well(heard) and heard["event_connections"] > options.rounds // 2)


def wait_for_drain(node, patience=60):
    """Until nothing waits or runs: as long as that takes, while it goes on."""
    least, at = node.probe_jobs_open(), time.monotonic()
    while least > 0:
        time.sleep(0.2)
        left = node.probe_jobs_open()
        if left < least:
            least, at = left, time.monotonic()
        elif time.monotonic() - at > patience:
            sys.exit(f"kill_test: {left} jobs have not ended, and none has for {patience} s")


def start_after_crash(node):
    """Starts a node that may die of a suspect before it is ready."""
    node.process = subprocess.Popen([node.programs / "penstock", "serve", "--config", node.config],
                                    stdin=subprocess.DEVNULL, stdout=node.log, stderr=node.log)
    end = time.monotonic() + 30
    while time.monotonic() < end and node.process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{node.port}/readyz", timeout=2).close()
            return
        except OSError:
            time.sleep(0.05)


def alive_state(node, job):
    if node.process.poll() is not None:
        start_after_crash(node)
    try:
        return node.call("GET", f"/api/v1/executions/{job}")["state"]
    except (OSError, urllib.error.URLError):
        return None


def sync(options, folder):
    sandbox = Sandbox(options.programs, "--accounts", options.accounts, "--transactions", options.transactions, "--latency",
                      "100ms", "--change-every", "0s")
    try:
        return sync_against(sandbox, options, folder)
    finally:
        sandbox.stop()


def sync_against(sandbox, options, folder):
    node = Node(options.programs, folder, sandbox.settings())
    node.start()
    listener = Listener(node)
    account = add_monzo(node, "killed")
    choose = random.Random(options.seed)
    for number in range(options.rounds):
        before = node.rows("SELECT count(*) FROM monzo_transactions")[0][0]
        wait_until("the sync goes on", lambda: node.rows("SELECT count(*) FROM monzo_transactions")[0][0] > before)
        time.sleep(choose.uniform(0.0, 0.4))
        node.kill()
        stored = node.rows("SELECT count(*) FROM monzo_transactions")[0][0]
        print(f"kill {number + 1}: {stored} of {sandbox.totals()['rows']} transactions stored")
        if stored >= sandbox.totals()["rows"]:
            sys.exit("kill_test: the sync was over before the last kill; slow the sandbox or ask for more transactions")
        node.start()

    def synced():
        shown = node.call("GET", f"/api/v1/integrations/{account}")
        return shown["status"] == "idle" and shown["last_successful_update_at"]

    wait_until("the sync ends", synced, 600)
    wanted = sandbox.totals()
    rows, distinct = node.rows("SELECT count(*), count(DISTINCT source_id) FROM v_monzo_transactions WHERE deleted_at IS NULL")[0]
    sums = dict(node.rows("SELECT currency, sum(amount) FROM v_monzo_transactions WHERE deleted_at IS NULL GROUP BY 1"))
    active, heard = left_active(node), listener.compare()
    runs = node.call("GET", f"/api/v1/integrations/{account}/runs")["items"]
    node.stop()
    print(json.dumps({"kills": options.rounds, "rows": rows, "distinct": distinct, "wanted": wanted["rows"], "sums": sums,
                      "wanted_sums": wanted["sums"]["amount"], "left_active": active, **heard,
                      "runs": [run["state"] for run in runs]}))
    return rows == distinct == wanted["rows"] and sums == wanted["sums"]["amount"] and active == 0 and heard_well(heard)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("probe", "sync"))
    parser.add_argument("--programs", required=True, help="folder of penstock and penstock-sandbox")
    full = bool(os.environ.get("PENSTOCK_LONG"))
    parser.add_argument("--rounds", type=int, help="kills; by default 20 and 5, with PENSTOCK_LONG 200 and 10")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite", help="of probe")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--accounts", type=int, default=10)
    parser.add_argument("--transactions", type=int, default=10_000 if full else 5000, help="of each account")
    options = parser.parse_args()
    if options.rounds is None:
        options.rounds = (200 if full else 20) if options.what == "probe" else (10 if full else 5)
    with tempfile.TemporaryDirectory(prefix="penstock-kill-") as folder:
        good = (probe if options.what == "probe" else sync)(options, folder)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
