#!/usr/bin/env python3
"""What a phone exports to a real node.

  health_test.py exports --programs DIR   wrong points, the same export twice, overlapping ones, secrets, headers
  health_test.py samples --programs DIR   exports as the app writes them, and the rows that a person reads in them
  health_test.py large   --programs DIR   an export of 100 MB, and the memory that it takes

Prints what it saw; exits 0 only if it is what it must be.
"""
import datetime
import json
import pathlib
import time
import urllib.parse

from real_node import Node, run_case, wait_until
from webhook_test import expect, forget_peak, memory, path_in, post

MB = 1 << 20
LARGE = 100 * MB
MOST_ADDED = 64  # MB
SHARED = "a-long-shared-secret-of-the-environment"
KIND = "apple_health."
SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "connectors" / "apple_health" / "fixtures"
TIMES = ("recorded_at", "started_at", "ended_at")


def point(minute, qty):
    return {"date": f"2026-01-{1 + minute // 1440:02} {minute // 60 % 24:02}:{minute % 60:02}:00 +0000", "qty": qty,
            "source": "Sam’s Apple Watch|iPhone"}


def export_of(points):
    return json.dumps({"data": {"metrics": [{"data": points, "name": "step_count", "units": "count"}]}}).encode()


def deliver(node, path, body, headers=None):
    """Posts an export and waits until all that follows from it has ended. Its job's id."""
    status, answer = post(node, path, body, headers)
    expect("an export", status, 202)
    ended = lambda: node.call("GET", f"/api/v1/executions/{answer['job_id']}")["state"] in ("completed", "failed")
    wait_until("the export's jobs ended", ended)
    expect("its job", node.call("GET", f"/api/v1/executions/{answer['job_id']}")["state"], "completed")
    return answer["job_id"]


def changes_since(node, since):
    """The changed rows behind a position, and the position behind them."""
    items = []
    while True:
        query = urllib.parse.urlencode({"limit": 200, **({"since": since} if since else {})})
        page = node.call("GET", f"/api/v1/changes?{query}")
        items += page["items"]
        since = page["next_since"]
        if not page["more"]:
            return items, since


def stored(node):
    return node.rows("SELECT * FROM v_health_metrics ORDER BY source_id")


def exports(options, folder):
    node = Node(options.programs, folder, environment={"APPLE_HEALTH_WEBHOOK_SECRET": SHARED,
                                                       "PENSTOCK_LOG__LEVEL": "info"})
    node.start()
    path = path_in(node.cli("integrations", "add", "apple_health", "--name", "Sam's phone"))

    points = [point(i, i) for i in range(10_000)]
    points[17] = {"date": "yesterday", "qty": 1}
    points[4000]["qty"] = "many"
    points[9999] = 42
    body = export_of(points)
    job = deliver(node, path, body, {"automation-name": "Everything", "session-id": "S1", "x-other": "no"})
    expect("rows of 10,000 points with 3 wrong ones", len(stored(node)), 9997)
    hook = node.call("GET", f"/api/v1/executions/{job}")
    expect("headers that are kept", hook["args"], {"headers": {"automation-name": "Everything", "session-id": "S1"}})
    expect("what the job found", hook["result"]["points"], 10_000)
    turns = node.call("GET", f"/api/v1/executions?kind={KIND}metric_data")["items"]
    shown = "".join(node.cli("jobs", "show", each["id"]) for each in turns)
    expect("wrong points in the jobs' logs", [each in shown for each in ("step_count 18: 'date' is not a time",
           "step_count 4001: 'qty' is not a number", "step_count 10000: not an object")], [True] * 3)
    events = node.call("GET", "/api/v1/events?type=records.rejected")["items"]
    expect("wrong points in events", (sum(each["data"]["errors"] for each in events),
                                      {each["data"]["delivery"] for each in events}), (3, {job}))
    expect("row errors", node.rows("SELECT count(*) FROM row_errors")[0][0], 3)

    lines = lambda text: [line for line in (node.folder / "node.log").read_text().splitlines() if text in line]
    wait_until("the log tells of it", lambda: lines(
        'apple_health "Sam\'s phone" took a delivery: 9997 rows added, 0 updated, 3 in error'))
    wrong = lines("of a delivery could not be stored")
    expect("and of each turn with wrong ones", (len(wrong), all("warn" in line for line in wrong)), (len(events), True))

    before = stored(node)
    changed, since = changes_since(node, None)
    expect("changes told", len(changed), 9997)
    deliver(node, path, body)
    expect("the same again changes rows", stored(node) != before, False)
    expect("and is told", changes_since(node, since)[0], [])

    later = [point(i, i) for i in range(9_000, 11_000)]
    later[100]["qty"] = 123456
    later[200]["qty"] = 0.5
    deliver(node, path, export_of(later))
    changed, since = changes_since(node, since)
    expect("an overlapping one", sorted((each["action"], each["row"]["qty"]) for each in changed
                                        if each["action"] == "updated"), [("updated", 0.5), ("updated", 123456)])
    expect("and what is new in it", sum(each["action"] == "added" for each in changed), 1001)

    jobs = lambda: node.rows(f"SELECT count(*) FROM v_jobs WHERE kind = '{KIND}hook'")[0][0]
    taken = jobs()
    expect("a wrong secret", post(node, "/webhooks/apple_health/guess", body)[0], 401)
    expect("a wrong secret, a large body", post(node, "/webhooks/apple_health", body, {"api-key": "sk-guess"})[0], 401)
    expect("jobs of it", jobs() - taken, 0)
    expect("bodies of it", node.rows("SELECT count(*) FROM staged_bodies")[0][0], 0)
    expect("the environment's secret", post(node, "/webhooks/apple_health", body, {"api-key": SHARED})[0], 202)
    wait_until("its job ended", lambda: not node.rows(
        f"SELECT count(*) FROM v_jobs WHERE kind LIKE '{KIND}%' AND state NOT IN ('completed', 'failed')")[0][0])
    node.cli("integrations", "add", "apple_health", "--name", "Kim's phone")
    expect("when there are two", post(node, "/webhooks/apple_health", body, {"api-key": SHARED})[0], 401)
    expect("no export", post(node, path, b'{"data": [1]}')[0], 202)
    wait_until("it failed", lambda: node.rows(
        f"SELECT count(*) FROM v_jobs WHERE kind = '{KIND}hook' AND state = 'failed'")[0][0] == 1)
    return node


def shown_value(column, value):
    """A value of the database as the file of expected rows has it."""
    if column in TIMES and value is not None:
        moment = datetime.datetime.fromtimestamp(value // 1_000_000, datetime.timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.loads(value) if column == "extra" and value is not None else value


def in_order(rows):
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def samples(options, folder):
    node = Node(options.programs, folder)
    node.start()
    expected = json.loads((SAMPLES / "expected_rows.json").read_text())
    headers = json.loads((SAMPLES / "request_headers.json").read_text())["example"]
    columns = expected.pop("_columns")
    for sample, tables in expected.items():
        path = path_in(node.cli("integrations", "add", "apple_health", "--name", sample))
        body = (SAMPLES / sample).read_bytes()
        for _ in range(2):
            deliver(node, path, body, headers)
            for table, names in columns.items():
                rows = node.rows(f"SELECT {', '.join(names)} FROM {table} WHERE integration_id = (SELECT id FROM "
                                 f"integrations WHERE name = '{sample}')")
                seen = [[shown_value(name, value) for name, value in zip(names, row)] for row in rows]
                expect(f"{sample}: rows of {table}", len(seen), len(tables.get(table, [])))
                # As numbers of JSON: 129.0 is 129.
                seen = json.loads(json.dumps(seen), parse_int=float)
                wanted = json.loads(json.dumps(tables.get(table, [])), parse_int=float)
                expect(f"{sample}: {table} as a person reads it", in_order(seen) == in_order(wanted), True)
    expect("row errors", node.rows("SELECT count(*) FROM row_errors")[0][0], 0)
    expect("jobs that failed", node.rows("SELECT count(*) FROM v_jobs WHERE state = 'failed'")[0][0], 0)
    return node


def pretty_points(count):
    """As the app writes them: indented, and so twice as long."""
    return ",".join("""
          {
            "qty" : %d.5,
            "source" : "Sam’s Apple Watch|iPhone|Oura",
            "date" : "2026-%02d-%02d %02d:%02d:%02d +0100"
          }""" % (i % 1000, 1 + i // 2_419_200 % 12, 1 + i // 86_400 % 28, i // 3600 % 24, i // 60 % 60, i % 60)
                    for i in range(count))


def workout(number, size):
    """With a route of about so many bytes."""
    one = ('{"latitude":51.512345678,"longitude":-0.123456789,"altitude":12.5,"course":271.25,"speed":1.4142135,'
           '"horizontalAccuracy":4.5,"timestamp":"2026-01-01 08:00:00 +0000"}')
    route = ",".join([one] * (size // (len(one) + 1)))
    return (f'{{"route":[{route}],"id":"W{number}","name":"Run","start":"2026-01-01 {number // 2:02}:{number % 2 * 30:02}:00 +0000",'
            '"duration":3600}')


def large(options, folder):
    node = Node(options.programs, folder)
    node.start()
    path = path_in(node.cli("integrations", "add", "apple_health"))
    deliver(node, path, export_of([point(i, i) for i in range(3000)]))  # what any export needs is there
    workouts, points = 36, 150_000
    metrics = pretty_points(points)
    each = (LARGE - len(metrics.encode())) // workouts
    body = ('{"data":{"metrics":[{"data":[' + metrics + '],"name":"heart_rate","units":"count/min"}],"workouts":[' +
            ",".join(workout(i, each) for i in range(workouts)) + "]}}").encode()
    pieces = [body[at:at + MB] for at in range(0, len(body), MB)]
    size, body = len(body), None
    forget_peak(node)
    before = memory(node)
    begin = time.monotonic()
    deliver(node, path, pieces)
    took = time.monotonic() - begin
    added = memory(node)["VmHWM"] - before["VmRSS"]
    expect("rows", node.rows("SELECT count(*) FROM health_metrics WHERE name = 'heart_rate'")[0][0], points)
    expect("workouts", node.rows("SELECT count(*) FROM health_workouts")[0][0], workouts)
    expect("routes that are whole", node.rows(
        f"SELECT count(*) FROM health_workouts WHERE length(raw) > {each - 1000}")[0][0], workouts)
    expect("bodies left", node.rows("SELECT count(*) FROM job_payloads")[0][0], 0)
    print(f"{size / MB:.0f} MB stored in {took:.1f} s; resident before {before['VmRSS']:.1f} MB, at most {added:.1f} MB more",
          flush=True)
    expect(f"at most {MOST_ADDED} MB more", added <= MOST_ADDED, True)
    return node


if __name__ == "__main__":
    run_case(__doc__, {"exports": exports, "samples": samples, "large": large})
