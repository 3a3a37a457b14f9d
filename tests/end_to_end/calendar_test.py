#!/usr/bin/env python3
"""When schedules fire, seen from outside: the command that needs no node, and a node's own firings.

  calendar_test.py times   --programs DIR   expressions, intervals and clocks that change, by `schedule next`
  calendar_test.py firings --programs DIR   weekdays, jitter, stagger, previews, switches and kills of a real node

Prints what it saw; exits 0 only if it is what it must be.
"""
import datetime
import subprocess

from jobs_test import refused
from queue_test import PROBE, expect, expect_within
from real_node import Node, run_case, wait_until

# Expression, zone, from, and the first times: by a calendar on paper, not by the program.
TIMES = [
    ("*/15 9-10 * * *", "UTC", "2026-03-07T09:50:00Z", ["2026-03-07T10:00:00+00:00", "2026-03-07T10:15:00+00:00"]),
    ("*/20 * * * * *", "UTC", "2026-03-07T09:59:50Z", ["2026-03-07T10:00:00+00:00", "2026-03-07T10:00:20+00:00"]),
    ("0 0 L * *", "UTC", "2028-02-01T00:00:00Z", ["2028-02-29T00:00:00+00:00", "2028-03-31T00:00:00+00:00"]),
    ("0 0 15W * *", "UTC", "2026-02-01T00:00:00Z", ["2026-02-16T00:00:00+00:00", "2026-03-16T00:00:00+00:00"]),
    ("0 0 LW * *", "UTC", "2026-05-01T00:00:00Z", ["2026-05-29T00:00:00+00:00", "2026-06-30T00:00:00+00:00"]),
    ("0 0 ? * fri#3", "UTC", "2026-03-01T00:00:00Z", ["2026-03-20T00:00:00+00:00", "2026-04-17T00:00:00+00:00"]),
    ("0 0 * * friL", "UTC", "2026-03-01T00:00:00Z", ["2026-03-27T00:00:00+00:00", "2026-04-24T00:00:00+00:00"]),
    ("0 0 * * 0", "UTC", "2026-03-07T12:00:00Z", ["2026-03-08T00:00:00+00:00", "2026-03-15T00:00:00+00:00"]),
    ("0 0 * * 7", "UTC", "2026-03-07T12:00:00Z", ["2026-03-08T00:00:00+00:00", "2026-03-15T00:00:00+00:00"]),
    ("0 12 1,15 jan,JUL mon", "UTC", "2026-06-30T00:00:00Z", ["2026-07-01T12:00:00+00:00", "2026-07-06T12:00:00+00:00"]),
    ("@hourly", "UTC", "2026-03-07T12:00:00Z", ["2026-03-07T13:00:00+00:00", "2026-03-07T14:00:00+00:00"]),
    ("@daily", "UTC", "2026-03-07T12:00:00Z", ["2026-03-08T00:00:00+00:00", "2026-03-09T00:00:00+00:00"]),
    ("@weekly", "UTC", "2026-03-07T12:00:00Z", ["2026-03-08T00:00:00+00:00", "2026-03-15T00:00:00+00:00"]),
    ("@monthly", "UTC", "2026-03-07T12:00:00Z", ["2026-04-01T00:00:00+00:00", "2026-05-01T00:00:00+00:00"]),
    ("@yearly", "UTC", "2026-03-07T12:00:00Z", ["2027-01-01T00:00:00+00:00", "2028-01-01T00:00:00+00:00"]),
    ("every 90 s", "UTC", "1970-01-01T00:02:00Z", ["1970-01-01T00:03:00+00:00", "1970-01-01T00:04:30+00:00"]),
    ("every 7 h", "UTC", "1970-01-01T08:00:00Z", ["1970-01-01T14:00:00+00:00", "1970-01-01T21:00:00+00:00"]),
    ("30 8 * * *", "Asia/Tokyo", "2026-03-07T00:00:00Z", ["2026-03-08T08:30:00+09:00", "2026-03-09T08:30:00+09:00"]),
    # In the gap once, behind it; in the repeated hour once, or in both passings.
    ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]),
    ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]),
    ("30 */2 25 10 *", "Europe/Berlin", "2026-10-24T23:00:00Z", ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]),
    ("30 2 * * *", "Australia/Sydney", "2026-10-03T00:00:00Z", ["2026-10-04T03:00:00+11:00", "2026-10-05T02:30:00+11:00"]),
    ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", ["2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"]),
    ("0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", ["2026-09-06T01:00:00-03:00", "2026-09-07T00:00:00-03:00"]),
]


def times(options, folder):
    for expression, zone, since, wanted in TIMES:
        told = subprocess.run([options.programs / "penstock", "schedule", "next", expression, "--tz", zone, "--from", since,
                               "--count", "2"], capture_output=True, text=True, check=True, timeout=30).stdout.split()
        expect(f"{expression} in {zone}", told, wanted)
    for wrong in ("61 * * * *", "* * * *", "every 0 s", "0 0 * * fri#6", "@sometimes"):
        refusal = subprocess.run([options.programs / "penstock", "schedule", "next", wrong], capture_output=True, timeout=30)
        expect(f"refused: {wrong}", (refusal.returncode, refusal.stdout, bool(refusal.stderr)), (2, b"", True))


def occurrences(node, name):
    return node.call("GET", f"/api/v1/schedules/{name}/occurrences?limit=200")["items"][::-1]


def firings(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    add = lambda name, **fields: node.call("POST", "/api/v1/schedules", {"name": name, "kind": "probe.noop", **fields})
    today = datetime.datetime.now(datetime.timezone.utc).weekday()
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    others = [day for number, day in enumerate(days) if number not in (today, (today + 1) % 7)]  # it may be midnight soon
    shown = add("weekdays", every="1 h", weekdays=["mon"])
    expect("next times on mondays alone", {datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).weekday()
                                           for at in shown["next_runs"]}, {0})
    add("not-today", every="1 s", weekdays=others)
    add("seconds", every="1 s", queue="fast", overlap="allow")
    add("later", every="1 s", queue="fast", overlap="allow", jitter_ms=600_000)
    add("several", cron="0 0 1 1 *", queue="fast", stagger_ms=90_000,
        more_jobs=[{"kind": "probe.chain", "args": {"n": 0}}, {"kind": "probe.noop"}])
    made = node.call("POST", "/api/v1/schedules/several/trigger", {})["job_ids"]
    starts = [datetime.datetime.fromisoformat(node.call("GET", f"/api/v1/executions/{id}")["run_at"].replace("Z", "+00:00"))
              for id in made]
    expect("stagger between the jobs of one firing", [(b - a).total_seconds() for a, b in zip(starts, starts[1:])], [90, 90])
    wait_until("it has fired three times", lambda: len(occurrences(node, "seconds")) >= 3, 30)
    node.kill()
    node.start()
    wait_until("it goes on after a kill", lambda: len(occurrences(node, "seconds")) >= 6, 30)
    node.cli("schedule", "disable", "seconds")
    fired = [each["at"] for each in occurrences(node, "seconds")]
    expect("each occurrence once", len(fired), len(set(fired)))
    expect("aligned to its interval", {at[-1] for at in fired} == {"Z"} and all("." not in at for at in fired), True)
    by = node.rows("SELECT count(*), count(DISTINCT id) FROM jobs WHERE triggered_by = 'schedule:seconds'")[0]
    fired_jobs = [id for each in occurrences(node, "seconds") for id in each["job_ids"]]
    expect("one job of each", (by[0], len(fired_jobs), len(set(fired_jobs))), (len(fired_jobs),) * 3)
    expect("none on other days", occurrences(node, "not-today"), [])
    delays = [row[0] / 1e6 for row in node.rows("SELECT run_at - (id >> 22) * 1000 - 1577836800000000 FROM jobs "
                                               "WHERE triggered_by = 'schedule:later'")]
    expect_within("most seconds that jitter took", max(delays), 1, 601)
    expect("it is drawn for each", len({round(delay) for delay in delays}) > 1, True)

    count = len(occurrences(node, "seconds"))
    node.cli("schedule", "test", "seconds")
    node.cli("schedule", "enable", "seconds")
    wait_until("enabled it fires again", lambda: len(occurrences(node, "seconds")) > count + 1, 20)
    expect("the next five everywhere", {len(each["next_runs"]) for each in node.call("GET", "/api/v1/schedules")["items"]
                                        if each["enabled"]}, {5})
    year = node.call("GET", "/api/v1/schedules/preview?cron=30+4+*+*+*&tz=Europe/Berlin&from=2027-01-01T00:00:00Z"
                            "&until=2028-01-01T00:00:00Z&count=1000")["items"]
    expect("a year's preview", (len(year), len({each["at"] for each in year})), (365, 365))
    for wrong in ({"every": "1 s", "overlap": "sometimes"}, {"cron": "0 0 * * *", "time_zone": "Mars/Base"}, {}):
        expect(f"refused: {wrong}", refused(node, {"name": "wrong", "kind": "probe.noop", **wrong}, "/api/v1/schedules")[0], 400)
    node.stop()


if __name__ == "__main__":
    run_case(__doc__, {"times": times, "firings": firings})
