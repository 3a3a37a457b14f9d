#!/usr/bin/env python3
"""Backups, moves, keys and erasures of a real node's data.

  copies_test.py backup --programs DIR   taken under load, restored elsewhere: all is there, what ran goes on, nothing twice
  copies_test.py move   --programs DIR   from SQLite to PostgreSQL, and on from there; with PENSTOCK_LONG a million jobs
  copies_test.py keys   --programs DIR   a new key under load and without a node, and one that is cut off
  copies_test.py erase  --programs DIR   an organisation goes, beside the node that works on it
  copies_test.py doctor --programs DIR   what it finds

Prints what it saw; exits 0 only if it is what it must be.
"""
import base64
import contextlib
import itertools
import json
import os
import pathlib
import shutil
import socket
import stat
import subprocess
import tempfile
import time
import urllib.request

from limits_test import authorise
from load import appends, signed_delivery, under_load
from queue_test import PROBE, append, enqueue, enqueue_many, expect, expect_within, wait_for
from real_node import Node, PostgreSQL, Sandbox, run_case, wait_until

PROBE_JOBS = "SELECT count(*) FROM v_jobs WHERE kind LIKE 'probe.%'"  # the node makes jobs of its own

HOOKS, LENDERS, ROTATIONS = 400, 80, 10
LONG = bool(os.environ.get("PENSTOCK_LONG"))
MOVED_JOBS, MOVED_ROWS = (1_000_000, 200_000) if LONG else (2000, 300)
MADE_ANEW = {"slots", "event_positions", "nodes", "node_leases", "events", "audit_log"}  # each database has its own of it
MOST_MEMORY = 128  # MB: of a program that copies rows as they come


def run(node, *words, input=None):
    done = subprocess.run([node.programs / "penstock", "--config", node.config, *map(str, words)], timeout=600,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def backup(options, folder):
    folder = pathlib.Path(folder)
    node = Node(options.programs, folder / "first", PROBE)
    node.start()
    hangs = enqueue(node, "probe.sleep", {"ms": 30_000})["id"]
    wait_until("one runs", lambda: node.call("GET", f"/api/v1/executions/{hangs}")["state"] == "active")
    made = []

    def take(load):
        load.reach(10)
        acknowledged = list(made)
        return acknowledged, run(node, "backup", folder / "copy")

    acknowledged, (status, told, _) = under_load(take, appends=appends(node, made))
    expect("the backup ends with", status, 0)
    expect("it says that the key file is needed", "secrets.key" in told, True)
    expect("its mode", oct(stat.S_IMODE((folder / "copy").stat().st_mode)), "0o600")
    node.kill()

    other = Node(options.programs, folder / "second", PROBE)
    status, told, warned = run(other, "restore", folder / "copy")
    expect("the restore ends with", (status, "put the key file" in warned), (0, True))
    rows = lambda sql: other.rows(sql)[0][0]
    done_then = {row[0] for row in other.rows("SELECT key FROM probe_effects")}
    jobs_then = rows(PROBE_JOBS)
    held = {json.loads(row[0])["key"] for row in other.rows("SELECT args FROM v_jobs WHERE kind = 'probe.append'")}
    print(f"{len(acknowledged)} were answered before it began, {len(held)} are in it, {len(made)} were answered in all")
    expect("jobs answered before it began that it lacks", sorted(set(acknowledged) - held)[:5], [])
    expect("jobs in it that nobody made", sorted(held - set(made) - {f"k{len(made) + i}" for i in range(50)})[:5], [])
    expect("its other jobs", jobs_then - len(held), 1)
    expect("effects in it are of jobs that it holds as done", rows(
        "SELECT count(*) FROM v_jobs WHERE kind = 'probe.append' AND state = 'completed'"), len(done_then))
    shutil.copy(folder / "first/data/secrets.key", folder / "second/data/secrets.key")
    expect("again", run(other, "restore", folder / "copy")[0], 1)
    other.start()
    expect("while a node runs", run(other, "restore", "--force", folder / "copy")[0], 1)
    # What was active runs first, one job at a time, as after a crash.
    wait_until("what was active runs again", lambda: other.call("GET", f"/api/v1/executions/{hangs}")["state"] == "active")
    wait_until("what waited has run", lambda: rows(
        "SELECT count(*) FROM v_jobs WHERE kind = 'probe.append' AND state <> 'completed'") == 0)
    expect("each effect once", rows("SELECT count(*) - count(DISTINCT key) FROM probe_effects"), 0)
    expect("jobs", rows(PROBE_JOBS), jobs_then)
    other.kill()


def measured(node, *words):
    """As run; also seconds, and the most memory that it held, in MB."""
    begun, most = time.monotonic(), 0
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen([node.programs / "penstock", "--config", node.config, *map(str, words)],
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        while process.poll() is None:
            # wait4 would tell this test's own memory: the child shares it until it becomes another program.
            with contextlib.suppress(OSError, StopIteration):
                if os.readlink(f"/proc/{process.pid}/exe").endswith("/penstock"):
                    status = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
                    most = max(most, int(next(line for line in status if line.startswith("VmHWM")).split()[1]))
            time.sleep(0.02)
        texts = [(file.seek(0), file.read())[1] for file in (out, err)]
    return (process.returncode, *texts), time.monotonic() - begun, most / 1024


def sums_of(rows):
    """Sums that SQL makes of both databases alike."""
    return {what: [int(each) for each in rows(sql)[0]] for what, sql in {
        "jobs": "SELECT count(*), sum(id % 1000003), sum(state), sum(finished_at % 1000003), sum(length(args)) FROM jobs",
        "effects": "SELECT count(*), sum(job_id % 1000003), sum(length(key)) FROM probe_effects",
        "transactions": "SELECT count(*), sum(amount), sum(created_at % 1000003), sum(length(raw)) FROM monzo_transactions"}.items()}


def move(options, folder):
    folder = pathlib.Path(folder)
    server = PostgreSQL(folder / "server")
    sandbox = Sandbox(options.programs, "--change-every", "0s", "--accounts", 1, "--transactions", MOVED_ROWS)
    try:
        node = Node(options.programs, folder / "node", sandbox.settings() + PROBE)
        node.start()
        account = authorise(node, "mine")
        hangs = enqueue(node, "probe.sleep", {"ms": 3_600_000})["id"]
        for first in range(0, MOVED_JOBS, 10_000):
            enqueue_many(node, [append(f"k{n}") for n in range(first, min(first + 10_000, MOVED_JOBS))])
        later = enqueue_many(node, [append(f"later{n}", delay_ms=36_000_000) for n in range(50)])
        wait_until("they have run", lambda: node.rows("SELECT count(*) FROM probe_effects")[0][0] == MOVED_JOBS, 900)
        wait_until("it is synced", lambda: node.call("GET", f"/api/v1/integrations/{account}")["status"] == "idle", 900)
        expect("synced rows", node.rows("SELECT count(*) FROM monzo_transactions")[0][0], MOVED_ROWS)
        expect("while the node runs", run(node, "migrate-database", "--to", server.url)[0], 1)
        node.kill()
        held, counts = sums_of(node.rows), lambda rows, tables: {name: rows(f"SELECT count(*) FROM {name}")[0][0] for name in tables}

        # To a database beside it first, for the sums that --json tells.
        server.rows("CREATE DATABASE beside")
        beside = PostgreSQL.__new__(PostgreSQL)  # of the same server
        beside.url = server.url.replace("/penstock?", "/beside?")
        (status, told, _), took, memory = measured(node, "migrate-database", "--json", "--to", beside.url)
        expect("the move ends with", status, 0)
        told = json.loads(told)
        compared = {each["table"]: each["rows"] for each in told["compared"]}
        size = (folder / "node/data/penstock.db").stat().st_size / 2**20
        print(f"{told['rows']} rows of {told['tables']} tables, {size:.0f} MB, in {took:.1f} s; {memory:.0f} MB resident at most",
              flush=True)
        expect_within("MB resident at most", round(memory), 1, MOST_MEMORY)
        expect("rows that --json tells of", sum(compared.values()), told["rows"])
        for name, rows in (("SQLite", node.rows), ("PostgreSQL", beside.rows)):
            expect(f"tables of other sizes on {name}", sorted(counts(rows, compared.keys() - MADE_ANEW).items() - compared.items()), [])
        expect("sums there", sums_of(beside.rows), held)

        status, again, warned = run(node, "migrate-database", "--to", server.url)
        expect("the move ends with", status, 0)
        expect("it says what to change", "set url to" in again, True)
        expect("its sums are others than those of --json", [each["table"] for each in told["compared"] if each["rows"] > 0 and
                                                          f"({each['sum']})" not in again], [])
        before = node.rows(PROBE_JOBS)[0][0]
        node.server = server
        node.config.write_text(node.config.read_text() + f'[database]\nurl = "{server.url}"\n')
        expect("a second time", run(node, "migrate-database", "--to", server.url)[0], 1)
        expect("jobs", node.rows(PROBE_JOBS)[0][0], before)
        expect("sums", sums_of(node.rows), held)
        node.start()
        wait_until("what was active runs again", lambda: node.call("GET", f"/api/v1/executions/{hangs}")["state"] == "active")
        expect("what waits", node.call("GET", f"/api/v1/executions/{later[0]['id']}")["state"], "delayed")
        wait_for(node, enqueue(node, "probe.noop")["id"], "completed")
        expect("each effect once", node.rows("SELECT count(*) - count(DISTINCT key) FROM probe_effects")[0][0], 0)
        node.kill()
        expect("a backup of it", run(node, "backup", folder / "copy")[0], 0)
        third = Node(options.programs, folder / "third", sandbox.settings() + PROBE)
        expect("comes back on SQLite", run(third, "restore", folder / "copy")[0], 0)
        expect("with all", third.rows(PROBE_JOBS)[0][0], before + 1)
        expect("and the rows", sums_of(third.rows)["transactions"], held["transactions"])
    finally:
        sandbox.stop()
        server.run("stop")


def shop_settings(sandbox):
    return (f'[connectors.http_json.shop]\nbase_url = "{sandbox.base}/http_json/page"\nlist_path = "/shops/{{shop}}/items"\n'
            'auth = "bearer"\npaging = "page"\nlist = "items"\nfields = ["title"]\ntable = "shop_items"\n')


def keys(options, folder):
    sandbox = Sandbox(options.programs, "--change-every", "0s", "--accounts", 1, "--transactions", 300)
    node = Node(options.programs, folder, sandbox.settings() + shop_settings(sandbox) + PROBE + 'webhook_signature = "standard"\n')
    node.start()
    add = lambda **fields: node.call("POST", "/api/v1/integrations", fields)
    account = authorise(node, "mine")
    synced = lambda: node.call("GET", f"/api/v1/integrations/{account}")["last_successful_update_at"]
    # A node keeps what it opened in mind. So each turn takes a secret that was not used since the start, of many.
    lenders = [add(service="shop", name=f"shop {n}", config={"shop": "north"})["id"] for n in range(LENDERS)]
    for lender in lenders:
        node.call("POST", f"/api/v1/integrations/{lender}/token", {"token": "sandbox"})
    hooks = [signed_delivery(add(service="probe", name=f"hook {n}")["webhook"]) for n in range(HOOKS)]
    wait_until("all are synced", lambda: node.rows("SELECT count(*) FROM integrations WHERE status = 0 AND "
                                                   "last_successful_update_at IS NOT NULL")[0][0] == LENDERS + 1)
    node.stop()
    node.start()
    next_lender, next_hook = itertools.cycle(lenders), itertools.cycle(hooks)

    def sync():
        before = synced()
        # So that a new pair of tokens is sealed.
        urllib.request.urlopen(f"{sandbox.base}/sandbox/expire-tokens", b"{}", timeout=30).close()
        node.call("POST", f"/api/v1/integrations/{account}/fetch", {"force": True})
        wait_until("it is synced again", lambda: synced() != before, 30)

    def use_token():
        url = f"{sandbox.base}/http_json/page/shops/north/items"
        id = enqueue(node, "probe.call", {"url": url, "credential": next(next_lender)}, max_attempts=1)["id"]
        wait_until("it has ended", lambda: node.call("GET", f"/api/v1/executions/{id}")["state"] in ("completed", "failed"), 30)
        seen = node.call("GET", f"/api/v1/executions/{id}")
        if seen["state"] != "completed" or seen["result"]["status"] != 200:
            raise ValueError(f"the job with a credential: {seen}")

    key = pathlib.Path(folder) / "data/secrets.key"
    former = key.read_text()
    sealed = lambda: set(node.rows("SELECT body FROM credentials UNION ALL SELECT signing_key FROM "
                                   "webhook_addresses WHERE signing_key IS NOT NULL"))
    before, rotated = sealed(), []

    def rotate(load):
        for _ in range(ROTATIONS):
            rotated.append(run(node, "keys", "rotate"))
            load.reach(1)

    under_load(rotate, appends=appends(node, []), syncs=sync, jobs=use_token, deliveries=lambda: next(next_hook)(node))
    expect("new keys under load", [status for status, _, _ in rotated], [0] * ROTATIONS)
    print({told.split(" with")[0] for _, told, _ in rotated})
    expect("sealed as before", len(sealed() & before), 0)
    expect("one key in the file, another one", (len(key.read_text().split()), key.read_text() != former), (1, True))
    sync()
    node.stop()
    expect("a new key without a node", run(node, "keys", "rotate")[0], 0)
    # Cut off after the key file was written: both keys stand there.
    current = key.read_text()
    key.write_text(base64.b64encode(os.urandom(32)).decode() + "\n" + current)
    node.start()
    sync()
    status, told, _ = run(node, "keys", "rotate")
    expect("one that was cut off is finished", (status, "cut off" in told, len(key.read_text().split())), (0, True, 1))
    sync()
    node.stop()
    expect("its audit", node.rows("SELECT count(*) FROM audit_log WHERE action = 'penstock keys rotate'")[0][0], ROTATIONS + 2)
    now = key.read_text()
    key.write_text(former)
    node.spawn()
    expect("with the former key a node ends with", node.process.wait(timeout=60), 78)
    key.write_text(now)
    node.start()
    return sandbox, node


def erase(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    acme = node.call("POST", "/api/v1/organisations", {"name": "Acme"})["id"]
    token = node.cli("token", "create", "--role", "operator", "--organisation", acme).strip()
    own = [enqueue(node, "probe.noop", organisation_id=acme)["id"] for _ in range(20)]
    runs = enqueue(node, "probe.sleep", {"ms": 600_000}, organisation_id=acme)["id"]
    enqueue_many(node, [append(f"k{n}", delay_ms=3_600_000, organisation_id=acme) for n in range(1500)])
    other = enqueue(node, "probe.noop")["id"]
    wait_until("one of theirs runs", lambda: node.call("GET", f"/api/v1/executions/{runs}")["state"] == "active")
    expect("without --yes", run(node, "erase", "--organisation", "Acme")[0], 2)
    expect("of nobody", run(node, "erase", "--organisation", "Nobody", "--yes")[0], 1)
    status, told, warned = run(node, "erase", "--organisation", "Acme", "--yes")
    print(told, warned)
    expect("it ends with", status, 0)
    expect("rows of it", node.rows(f"SELECT (SELECT count(*) FROM jobs WHERE organisation_id = {acme}) + (SELECT count(*) "
                                   f"FROM access_tokens) + (SELECT count(*) FROM organisations)")[0][0], 0)
    expect("others' jobs", node.rows(f"SELECT count(*) FROM jobs WHERE id = {other}")[0][0], 1)
    wait_for(node, enqueue(node, "probe.noop")["id"], "completed")
    expect("again", "nothing of organisation" in run(node, "erase", "--organisation", acme, "--yes")[1], True)
    node.stop()
    node.start()
    wait_for(node, enqueue(node, "probe.noop")["id"], "completed")
    return node


def doctor(options, folder):
    # Whether a provider on the net answers is no matter of this test; one on this machine is asked below.
    node = Node(options.programs, folder, PROBE + "[connectors.monzo]\nenabled = false\n")
    found = lambda: {each["what"]: each["state"] for each in json.loads(run(node, "doctor", "--json")[1])["items"]}
    before = found()
    expect("before the first start", (before["database"], before["node"], before["port"]), ("warn", "warn", "ok"))
    node.start()
    while_it_runs = found()
    expect("while it runs", [while_it_runs[each] for each in
                             ("configuration", "database", "schema", "secrets", "key file", "token file", "node", "time zones")],
           ["ok"] * 8)
    expect("it ends with", run(node, "doctor")[0], 0)
    node.stop()
    key = pathlib.Path(folder) / "data/secrets.key"
    key.chmod(0o644)
    expect("a key that others may read", (found()["key file"], run(node, "doctor")[0]), ("fail", 1))
    key.chmod(0o600)
    database = pathlib.Path(folder) / "data/penstock.db"
    whole = database.read_bytes()
    database.write_bytes(whole[:8192] + os.urandom(8192) + whole[16384:])
    expect("a damaged database", found()["database"], "fail")
    database.write_bytes(whole)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        node.config.write_text(node.config.read_text().replace(
            "enabled = false", f'base_url = "http://127.0.0.1:{silent.getsockname()[1]}"\nclient_id = "x"\n'
            'client_secret = "x"'))
        expect("a provider that does not answer", found()["provider monzo"], "fail")
        silent.listen()
        expect("one that does", found()["provider monzo"], "ok")
    node.config.write_text(node.config.read_text() + "[http2]\n")
    expect("a mistake in the configuration", (found()["configuration"], run(node, "doctor")[0]), ("fail", 1))


if __name__ == "__main__":
    run_case(__doc__, {"backup": backup, "move": move, "keys": keys, "erase": erase, "doctor": doctor})
