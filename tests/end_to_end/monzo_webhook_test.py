#!/usr/bin/env python3
"""Monzo's webhooks between a real sandbox and a real node.

  monzo_webhook_test.py meet --programs DIR   what comes by webhook and by poll, in either order and at once, is one row that
                                              the feed of changes tells of once; addresses are registered, and mended

Prints what it saw; exits 0 only if it is what it must be.
"""
import http.client
import json
import pathlib
import sys
import threading
import time
import urllib.request

from real_node import Node, Sandbox, add_monzo, run_case, wait_until

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "connectors" / "monzo" / "fixtures"
SAMPLE = "webhook_transaction_created_docs.json"
ROUNDS = 8
SOON = 5.0  # seconds from the change at the provider to the row, on a machine that is busy


def expect(what, seen, wanted):
    print(f"{what}: {seen}" + ("" if seen == wanted else f", but {wanted} was expected"), flush=True)
    if seen != wanted:
        sys.exit(1)


def steer(sandbox, what, body=None):
    request = urllib.request.Request(f"{sandbox.base}/sandbox/{what}",
                                     data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def hooks(sandbox):
    return steer(sandbox, "stats")["monzo"]["webhooks"]


def add(sandbox, **more):
    return steer(sandbox, "change", {"add": 1, **more})["added"][0]


def sync(node, account):
    root = node.call("POST", f"/api/v1/integrations/{account}/fetch", {"force": True})["job_id"]
    runs = lambda: [run for run in node.call("GET", f"/api/v1/integrations/{account}/runs")["items"]
                    if run["job_id"] == root]
    wait_until("the sync ends", lambda: runs() and runs()[0]["state"] != "running")
    return runs()[0]["state"]


def stored(node, transaction):
    return node.rows(f"SELECT count(*) FROM monzo_transactions WHERE source_id = '{transaction}'")[0][0]


def quiet(node):
    return node.rows("SELECT count(*) FROM v_jobs WHERE kind LIKE 'monzo.webhook%' AND state IN ('waiting', 'active')"
                     )[0][0] == 0


def told(node):
    """What the feed of changes says of each transaction, in order."""
    all_told, since = {}, ""
    while True:
        answer = node.call("GET", f"/api/v1/changes?table=monzo_transactions&limit=200{since}")
        for each in answer["items"]:
            all_told.setdefault(each["source_id"], []).append(each["action"])
        if not answer["items"]:
            return all_told
        since = f"&since={answer['next_since']}"


def deliver(node, url, body):
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
    try:
        connection.request("POST", url.partition(f":{node.port}")[2], body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def wait_for_deliveries(node, sandbox, count):
    wait_until("the webhooks were taken", lambda: hooks(sandbox)["taken"] >= count and quiet(node))


def meet(options, folder):
    sandbox = Sandbox(options.programs, "--change-every", "0s", "--accounts", 2, "--transactions", 20)
    node = Node(options.programs, folder, sandbox.settings(webhooks=True))
    node.start()
    account = add_monzo(node, "ann")
    wait_until("each account has an address", lambda: hooks(sandbox)["registered"] == 2)
    wait_until("the first sync ends", lambda: node.rows("SELECT count(*) FROM v_runs WHERE state = 'completed'")[0][0] == 1)
    totals = sandbox.totals()["rows"]
    met = []

    begun = time.monotonic()
    met.append(add(sandbox))
    wait_until("it came by webhook", lambda: stored(node, met[0]))
    took = time.monotonic() - begun
    expect(f"a row after {took:.2f} s, within {SOON}", took <= SOON, True)
    wait_for_deliveries(node, sandbox, 1)
    expect("then a poll", sync(node, account), "completed")

    met.append(add(sandbox, webhook=False))
    expect("a poll", (sync(node, account), stored(node, met[1])), ("completed", 1))
    steer(sandbox, "change", {"webhook": [met[1], met[1]]})
    wait_for_deliveries(node, sandbox, 3)

    for number in range(ROUNDS):
        poll = threading.Thread(target=sync, args=(node, account))
        poll.start()
        met.append(add(sandbox))
        wait_for_deliveries(node, sandbox, 4 + number)
        poll.join()
    expect("at once", sync(node, account), "completed")
    expect("rows", node.rows("SELECT count(*), count(DISTINCT source_id) FROM monzo_transactions")[0],
           (totals + len(met),) * 2)
    expect("told of each", [told(node).get(each) for each in met], [["added"]] * len(met))

    # Somebody makes another address: the registered one is refused, until a run looks at Monzo's list again.
    url = next(word for word in node.cli("integrations", "webhook", account).split() if "/webhooks/monzo/" in word)
    expect("the sample of the documents", deliver(node, url, (FIXTURES / SAMPLE).read_bytes()), 202)
    wanted = json.loads((FIXTURES / "expected_rows.json").read_text())[SAMPLE][0]
    wait_until("its row", lambda: stored(node, wanted["source_id"]))
    names = ("account_id", "amount", "currency", "description", "merchant_name", "category", "is_pending", "local_amount")
    expect("its row", node.rows(f"SELECT {', '.join(names)} FROM monzo_transactions WHERE source_id = "
                                f"'{wanted['source_id']}'")[0], tuple(wanted[name] for name in names))
    expect("a body that is none", deliver(node, url, b'{"type":"transaction.created"}'), 202)
    wait_until("it failed for good", lambda: node.rows(
        "SELECT count(*) FROM v_jobs WHERE kind = 'monzo.webhook' AND state = 'failed' AND attempts = 1")[0][0] == 1)
    node.cli("integrations", "reset", account, "--stream", "webhooks")
    expect("the run that mends it", sync(node, account), "completed")
    expect("addresses", hooks(sandbox)["registered"], 2)
    met.append(add(sandbox))
    wait_until("it comes by the new address", lambda: stored(node, met[-1]))

    node.stop()
    secret = url.rpartition("/")[2]
    text = (node.folder / "node.log").read_text()
    data = b"".join(each.read_bytes() for each in (node.folder / "data").glob("penstock.db*"))
    expect("addresses in log and database", (secret in text, secret.encode() in data, b"/webhooks/monzo/" in data),
           (False, False, False))
    return sandbox, None


run_case(__doc__, {"meet": meet})
