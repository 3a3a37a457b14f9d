#!/usr/bin/env python3
"""A real node in front of the sandbox, seen from outside.

  node_test.py unchanged  --programs DIR   what did not change is not written; what settles stays one row
  node_test.py shape      --programs DIR   a page of wrong shape stops its own stream alone, and is made good
  node_test.py tokens     --programs DIR   twenty jobs that meet an expired token cause one refresh
  node_test.py samples    --programs DIR   recorded answers become the rows that a person reads in them
  node_test.py instant    --programs DIR   fetch jobs that end at once, well or not
  node_test.py stop       --programs DIR   SIGTERM under load loses nothing and costs no attempt
  node_test.py libraries  --programs DIR   PostgreSQL's is loaded by who uses PostgreSQL, and its absence is told

Prints what it saw; exits 0 only if it is what it must be.
"""
import datetime
import json
import pathlib
import subprocess
import sys
import time
import urllib.request

from real_node import Node, Sandbox, add_monzo, run_case, wait_until

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "connectors" / "monzo" / "fixtures"
TOTALS = "SELECT count(*), count(DISTINCT source_id), coalesce(sum(amount), 0) FROM monzo_transactions"


def expect(what, seen, wanted):
    print(f"{what}: {seen}" + ("" if seen == wanted else f", but {wanted} was expected"))
    if seen != wanted:
        sys.exit(1)


def steer(sandbox, what, body=None):
    """Tells the sandbox something, or asks it."""
    request = urllib.request.Request(f"{sandbox.base}/sandbox/{what}",
                                     data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def sync(node, account):
    """One more sync, to its end: its run."""
    root = node.call("POST", f"/api/v1/integrations/{account}/fetch", {"force": True})["job_id"]
    runs = lambda: [run for run in node.call("GET", f"/api/v1/integrations/{account}/runs")["items"]
                    if run["job_id"] == root]
    wait_until("the sync ends", lambda: runs() and runs()[0]["state"] != "running")
    return runs()[0]


def first_sync(node, account):
    runs = lambda: node.call("GET", f"/api/v1/integrations/{account}/runs")["items"]
    wait_until("the first sync ends", lambda: runs() and runs()[0]["state"] != "running")
    return runs()[0]


def expect_totals(node, sandbox):
    totals = sandbox.totals()
    expect("rows, distinct ids, sum", node.rows(TOTALS)[0],
           (totals["rows"], totals["rows"], totals["sums"]["amount"]["GBP"]))


def changes_told(node):
    return node.rows("SELECT count(*) FROM events WHERE type = 'records.changed'")[0][0]


def sync_transactions(node, account):
    """One more sync: how many transactions it added and updated. (Balances follow them.)"""
    mark = node.rows("SELECT max(updated_at) FROM monzo_transactions")[0][0]
    sync(node, account)
    return (node.rows(f"SELECT count(*) FROM monzo_transactions WHERE first_seen_at > {mark}")[0][0],
            node.rows(f"SELECT count(*) FROM monzo_transactions WHERE updated_at > {mark} AND first_seen_at <= {mark}")[0][0])


def with_monzo(options, folder, *sandbox_options, settings=""):
    sandbox = Sandbox(options.programs, "--change-every", "0s", *sandbox_options)
    node = Node(options.programs, folder, settings + sandbox.settings())
    node.start()
    return sandbox, node, add_monzo(node, "ann")


def unchanged(options, folder):
    sandbox, node, account = with_monzo(options, folder, "--accounts", 1, "--transactions", 400)
    expect("first sync", first_sync(node, account)["state"], "completed")
    expect_totals(node, sandbox)
    before = changes_told(node)
    rows = sync(node, account)["rows"]
    expect("second sync", (rows["added"], rows["updated"], changes_told(node) - before), (0, 0, 0))
    steer(sandbox, "change", {"amend": 1})
    expect("after one amendment", sync_transactions(node, account), (0, 1))
    pending = steer(sandbox, "change", {"add": 1, "pending": True})["added"][0]
    expect("after one pending", sync_transactions(node, account), (1, 0))
    steer(sandbox, "clock", {"advance": "7d"})
    steer(sandbox, "change", {"settle": pending})
    expect("settled a week later", sync_transactions(node, account), (0, 1))
    expect("the settled one", node.rows(f"SELECT count(*), max(settled_at) IS NOT NULL FROM monzo_transactions "
                                        f"WHERE source_id = '{pending}'")[0], (1, 1))
    expect_totals(node, sandbox)
    return sandbox, node


def shape(options, folder):
    sandbox, node, account = with_monzo(options, folder, "--accounts", 3, "--transactions", 1000, "--latency", "20ms")
    # The first sync is on its way: its accounts are known as soon as one has rows.
    wait_until("the first rows are stored", lambda: node.rows(TOTALS)[0][0] > 0)
    broken = node.rows("SELECT source_id FROM monzo_accounts ORDER BY source_id LIMIT 1")[0][0]
    steer(sandbox, "faults", {"wrong_shape_page": {"account": broken, "page": 7}})
    first = first_sync(node, account)
    if first["state"] == "completed":  # it was quicker than we: from the beginning again
        node.cli("integrations", "reset", account)
        first = sync(node, account)
    expect("with a page of wrong shape", first["state"], "completed_with_failures")
    rows = dict(node.rows("SELECT account_id, count(*) FROM monzo_transactions GROUP BY 1"))
    if rows.get(broken, 0) < 1000:
        expect("rows of the others", sorted(count for account, count in rows.items() if account != broken), [1000, 1000])
        expect("rows before the page", rows.get(broken, 0), 600)
        cursor = node.rows(f"SELECT cursor FROM stream_cursors WHERE stream = 'transactions/{broken}'")[0][0]
        at = json.loads(cursor)["last_id"]
        behind = node.rows(f"SELECT count(*) FROM monzo_transactions WHERE account_id = '{broken}' AND created_at > "
                           f"(SELECT created_at FROM monzo_transactions WHERE source_id = '{at}')")[0][0]
        expect("rows behind the committed cursor", behind, 0)
    urllib.request.urlopen(urllib.request.Request(f"{sandbox.base}/sandbox/faults", method="DELETE"), timeout=10).close()
    expect("mended", sync(node, account)["state"], "completed")
    expect_totals(node, sandbox)
    return sandbox, node


def tokens(options, folder):
    # So slow that all have sent the old token before the first is refused.
    sandbox, node, account = with_monzo(options, folder, "--accounts", 1, "--transactions", 10, "--latency", "400ms",
                                        settings="[queues.default]\nconcurrency = 20\n[connectors.probe]\nenabled = true\n")
    first_sync(node, account)
    before = steer(sandbox, "stats")["monzo"]["oauth"]["refreshes"]
    steer(sandbox, "expire-tokens", {})
    jobs = [{"kind": "probe.call", "args": {"url": f"{sandbox.base}/monzo/ping/whoami", "credential": account}}] * 20
    made = [each["id"] for each in node.call("POST", "/api/v1/executions", jobs)["items"]]
    state = lambda job: node.call("GET", f"/api/v1/executions/{job}")
    wait_until("the calls end", lambda: all(state(job)["state"] in ("completed", "failed") for job in made))
    expect("calls that were answered", sum(state(job)["result"]["status"] == 200 for job in made), 20)
    expect("calls that met the expired token",
           node.rows("SELECT count(*) > 1 FROM http_exchanges WHERE status = 401")[0][0], 1)
    expect("refreshes", steer(sandbox, "stats")["monzo"]["oauth"]["refreshes"] - before, 1)
    return sandbox, node


def micros(text):
    if text is None:
        return None
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round((moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) / datetime.timedelta(microseconds=1))


def serve_sample(folder, sample, pots):
    """Lays recorded transactions and pots and the balance out as the sandbox's --serve wants them. Its objects."""
    recorded = json.loads((FIXTURES / sample).read_text())
    items = recorded.get("transactions") or [recorded.get("transaction") or recorded.get("data") or recorded]
    account = items[0].get("account_id") or "acc_asked"
    held = json.loads((FIXTURES / pots).read_text())
    answers = pathlib.Path(folder) / "answers" / "GET" / "monzo"
    answers.mkdir(parents=True)
    (answers / "accounts.json").write_text(json.dumps(
        {"accounts": [{"id": account, "description": "recorded", "created": "2015-01-01T00:00:00Z"}]}))
    (answers / "transactions.json").write_text(json.dumps({"transactions": items}))
    (answers / "pots.json").write_text(json.dumps(held if "pots" in held else {"pots": [held]}))
    (answers / "balance.json").write_text((FIXTURES / "balance.json").read_text())
    return account, items, held.get("pots", [held])


def expect_rows(node, table, sample, wanted, account):
    """The rows of a table, and the objects that they came from."""
    names = [name for name in wanted[0] if name not in ("version", "deleted")]
    found = node.rows(f"SELECT {', '.join(names)}, source_version, raw FROM {table} ORDER BY created_at")
    rows = []
    for row in wanted:
        told = {name: micros(value) if name in ("created_at", "settled_at") else value for name, value in row.items()}
        told["account_id"] = account if told["account_id"] == "acc_asked" else told["account_id"]
        rows.append(tuple(told[name] for name in names) + (micros(row["version"]) or 0,))
    expect(sample, [row[:-1] for row in found], rows)
    return [json.loads(row[-1]) for row in found]


def samples(options, folder):
    by_hand = json.loads((FIXTURES / "expected_rows.json").read_text())
    transactions = sorted(name for name in by_hand if name.startswith(("transaction", "webhook_transaction")))
    pots = sorted(name for name in by_hand if name.startswith("pot"))
    for number, sample in enumerate(transactions):
        place = pathlib.Path(folder) / str(number)
        place.mkdir()
        pot = pots[number % len(pots)]
        asked, items, held = serve_sample(place, sample, pot)
        sandbox, node, account = with_monzo(options, place, "--serve", place / "answers")
        expect("the sync", first_sync(node, account)["state"], "completed")
        expect(f"{sample}, as it came", expect_rows(node, "monzo_transactions", sample, by_hand[sample], asked), items)
        expect(f"{pot}, as it came", expect_rows(node, "monzo_pots", pot, by_hand[pot], asked), held)
        wanted = by_hand["balance.json"][0]
        names = ("balance", "total_balance", "spend_today", "currency")
        expect("balance.json", node.rows(f"SELECT account_id, source_id = 'monzo_balance_{asked}_' || date, {', '.join(names)} "
                                         "FROM monzo_balances"), [(asked, True) + tuple(wanted[name] for name in names)])
        node.stop()
        sandbox.stop()
    return None, None


def stop(options, folder):
    node = Node(options.programs, folder, "[connectors.probe]\nenabled = true\n")
    node.start()
    sleepers = [{"kind": "probe.sleep", "queue": "sleeping", "args": {"ms": 3000}}] * 4
    node.call("POST", "/api/v1/executions", sleepers)
    accepted = 0
    for _ in range(20):
        jobs = [{"kind": "probe.append", "args": {"key": f"k{accepted + i}"}} for i in range(1000)]
        accepted += len(node.call("POST", "/api/v1/executions", jobs, timeout=30)["items"])
    wait_until("the load runs", lambda: node.rows("SELECT count(*) FROM probe_effects")[0][0] > 0)
    started = time.monotonic()
    node.stop()
    took = time.monotonic() - started
    print(f"stopped under load in {took:.2f} s")
    expect("within the shutdown timeout", took < 30, True)
    expect("left active", node.rows("SELECT count(*) FROM v_jobs WHERE state = 'active'")[0][0], 0)
    expect("attempts spent by what goes on",
           node.rows("SELECT coalesce(sum(attempts), 0) FROM v_jobs WHERE state = 'waiting'")[0][0], 0)
    node.start()
    wait_until("the rest is done", lambda: not node.probe_jobs_open())
    expect("effects", node.rows("SELECT count(*), count(DISTINCT key) FROM probe_effects")[0], (accepted, accepted))
    expect("more than one attempt", node.rows("SELECT count(*) FROM v_jobs WHERE attempts > 1")[0][0], 0)
    return None, node


def instant(options, folder):
    """Fetch handlers that end without having waited for anything: one of them used to end the node."""
    node = Node(options.programs, folder, "[connectors.probe]\nenabled = true\n")
    node.start()
    count = 300
    for number in range(count):
        node.call("POST", "/api/v1/executions",
                  {"kind": "probe.sleep", "args": {"ms": 0} if number % 2 == 0 else {"unknown": 1}})
    wait_until("all have ended", lambda: not node.probe_jobs_open())
    expect("completed and failed", node.rows("SELECT count(*) FILTER (WHERE state = 'completed'), "
                                             "count(*) FILTER (WHERE state = 'failed') FROM v_jobs "
                                             "WHERE kind = 'probe.sleep'")[0], (count // 2, count // 2))
    return None, node


def libraries(options, folder):
    """Which libraries a node maps, and what it says where PostgreSQL's is no library, or an old one."""
    node = Node(options.programs, folder)
    node.start()
    mapped = pathlib.Path(f"/proc/{node.process.pid}/maps").read_text()
    expect("a node on SQLite has SQLite's library, PostgreSQL's", ("libsqlite3" in mapped, "libpq.so" in mapped), (True, False))
    node.stop()
    found_first = pathlib.Path(folder) / "libpq.so.5"
    another = next(line.split()[-1] for line in mapped.splitlines() if "libsqlite3" in line)
    for what, make in (("nothing", found_first.touch), ("a library that lacks functions", lambda: found_first.symlink_to(another))):
        make()
        refused = subprocess.run([node.programs / "penstock", "serve", "--config", node.config], capture_output=True, text=True,
                                 stdin=subprocess.DEVNULL, timeout=60, env={
                                     **node.environment, "PENSTOCK_DATABASE__URL": "postgresql://nobody@localhost/nothing",
                                     "LD_LIBRARY_PATH": folder})
        print(refused.stderr)
        expect(f"a node on PostgreSQL whose libpq is {what} ends, and says what to install",
               (refused.returncode, "libpq5" in refused.stderr), (78, True))
        found_first.unlink()


if __name__ == "__main__":
    run_case(__doc__, {"libraries": libraries, "instant": instant, "unchanged": unchanged, "shape": shape, "tokens": tokens,
                       "samples": samples, "stop": stop})
