#!/usr/bin/env python3
"""A real node on a small disk that gets full under load, and has room again.

  disk_test.py full    --programs DIR --small-disk LIBRARY   no byte is left: refused, said so, and goes on by itself
  disk_test.py brake   --programs DIR --small-disk LIBRARY   the free-space brake closes and opens the node before that
  disk_test.py death   --programs DIR --small-disk LIBRARY   killed on a full disk: no start there, nothing lost after
  disk_test.py lost    --programs DIR --small-disk LIBRARY   it does not take what was written: the node ends, and says so

The disk is the data directory as small_disk/ shows it to the node: ENOSPC like that of a real one, without privileges.
Prints what it saw; exits 0 only if it is what it must be.
"""
import argparse
import atexit
import collections
import http.client
import json
import os
import pathlib
import random
import sys
import tempfile
import threading
import time
import urllib.error

from real_node import Node, wait_until

MB = 1 << 20
DISK = 256 * MB  # the log is laid out with 64
LONG = bool(os.environ.get("PENSTOCK_LONG"))


def expect(what, seen, wanted):
    print(f"{what}: {seen}" + ("" if seen == wanted else f", but {wanted} was expected"), flush=True)
    if seen != wanted:
        sys.exit(1)


class SmallDisk:
    """The node's data directory, and a file in it that takes the room."""

    def __init__(self, folder, library):
        self.folder = pathlib.Path(folder) / "data"
        self.filler = self.folder / "filler"
        self.environment = {"LD_PRELOAD": str(library), "SMALL_DISK_FOLDER": str(self.folder),
                            "SMALL_DISK_BYTES": str(DISK)}

    def used(self):
        return sum(each.stat().st_size for each in self.folder.iterdir() if each != self.filler)

    def leave(self, room):
        """Takes all but so much, without writing a byte."""
        with open(self.filler, "wb") as file:
            file.truncate(max(DISK - self.used() - room, 0))

    def free(self):
        self.filler.unlink()


def answer_of(node, method, path, body=None):
    """Status, Retry-After and body of whatever the node answers; nothing if it does not."""
    try:
        return 200, None, node.call(method, path, body, timeout=10)
    except urllib.error.HTTPError as refused:
        try:
            return refused.code, refused.headers.get("Retry-After"), json.load(refused)
        except (OSError, ValueError):
            return None
    except (OSError, http.client.HTTPException, ValueError):
        return None


class Load:
    """Four clients that append keys, some with a text that fills the disk; remembers what the node accepted."""

    def __init__(self, node, name="k"):
        self.node, self.name = node, name
        self.accepted, self.asked = set(), 0
        self.refusals, self.odd = collections.Counter(), []
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
            keys = [f"{self.name}{first + i}" for i in range(count)]
            jobs = [{"kind": "probe.append", "args": {"key": key}} for key in keys]
            if count == 1 and choose.random() < 0.5:
                keys = [keys[0] + "x" * 100_000]
                jobs = [{"kind": "probe.append", "args": {"key": keys[0]}}]
            told = answer_of(self.node, "POST", "/api/v1/executions", jobs if count > 1 else jobs[0])
            with self.lock:
                if told is None:
                    self.refusals["no answer"] += 1
                elif told[0] == 200:
                    self.accepted.update(keys)
                else:
                    self.refusals[told[0], told[2].get("code")] += 1
                    if told[0] != 503 or not told[1] or not told[2].get("detail"):
                        self.odd.append(told)
            if told is None or told[0] != 200:
                time.sleep(0.02)

    def stop(self):
        self.stopped.set()
        for each in self.threads:
            each.join(timeout=30)


def expect_refusal(what, told, code="storage_full"):
    print(f"{what}: {told}", flush=True)
    expect(f"{what}, status and code", (told[0], told[2].get("code")), (503, code))
    expect(f"{what}, with Retry-After", int(told[1] or 0) >= 1, True)


def ready(node):
    return answer_of(node, "GET", "/readyz")


def settled(node, load):
    """Everything that was accepted has had its effect, once."""
    wait_until("all jobs have ended", lambda: node.probe_jobs_open() == 0)
    counts = dict(node.rows("SELECT key, count(*) FROM probe_effects GROUP BY key"))
    expect("accepted at all", len(load.accepted) > 100, True)
    expect("lost", len(load.accepted - counts.keys()), 0)
    expect("doubled", sum(1 for n in counts.values() if n > 1), 0)
    expect("attempts lost", node.rows("SELECT count(*) FROM v_jobs WHERE kind = 'probe.append' AND attempts > 1")[0][0], 0)
    print(json.dumps({"accepted": len(load.accepted), "effects": len(counts),
                      "refused": {str(key): n for key, n in load.refusals.items()}}))


def start(options, folder, brake):
    disk = SmallDisk(folder, options.small_disk)
    node = Node(options.programs, folder, "[connectors.probe]\nenabled = true\n", environment=disk.environment)
    atexit.register(lambda: node.process and node.process.kill())  # where the test ends early
    node.config.write_text(node.config.read_text().replace("[node]", f'[node]\nmin_free_space = "{brake}"'))
    node.start()
    return disk, node


def fill(disk, node, load):
    wait_until("some work was done", lambda: len(load.accepted) > 200)
    disk.leave(0)
    wait_until("an enqueue is refused", lambda: any(key != "no answer" for key in load.refusals), 120)
    wait_until("the node says that it is not ready", lambda: (ready(node) or [200])[0] != 200, 30)


def full(options, folder):
    disk, node = start(options, folder, "0B")
    load = Load(node)
    fill(disk, node, load)
    expect_refusal("/readyz", ready(node))
    expect_refusal("an enqueue", answer_of(node, "POST", "/api/v1/executions",
                                           {"kind": "probe.append", "args": {"key": "x" * 200_000}}))
    load.stop()  # nobody writes any more: it must find out by itself
    seen = collections.Counter()
    end = time.monotonic() + (30 if LONG else 5)
    while time.monotonic() < end:
        seen[(ready(node) or ["no answer"])[0]] += 1
        time.sleep(0.1)
    expect("/readyz while it is full and nobody enqueues", list(seen), [503])
    disk.free()
    wait_until("the node is ready again", lambda: (ready(node) or [0])[0] == 200, 15)
    again = Load(node, "again")
    wait_until("work is accepted again", lambda: len(again.accepted) > 50, 30)
    again.stop()
    expect("refusals that were not 503 with Retry-After and a text", load.odd + again.odd, [])
    expect("refused with storage_full", load.refusals[503, "storage_full"] > 0, True)
    load.accepted |= again.accepted
    told = (pathlib.Path(folder) / "node.log").read_text()
    expect("how often the log tells of it", 1 <= told.count("does not take writes") <= 3, True)
    expect("lines of the log", told.count("\n") < 40, True)
    settled(node, load)
    return node


def brake(options, folder):
    disk, node = start(options, folder, "16MB")
    load = Load(node)
    wait_until("some work was done", lambda: len(load.accepted) > 200)
    load.stop()  # or it fills the rest before the node looks, each five seconds
    disk.leave(12 * MB)
    wait_until("the node closes its doors", lambda: (ready(node) or [200])[0] != 200, 30)
    expect_refusal("/readyz", ready(node))
    told = answer_of(node, "POST", "/api/v1/executions", {"kind": "probe.append", "args": {"key": "one"}})
    expect_refusal("an enqueue", told)
    expect("because of the limit", "min_free_space" in told[2]["detail"], True)
    disk.free()
    wait_until("the node is ready again", lambda: (ready(node) or [0])[0] == 200, 30)
    again = Load(node, "again")
    wait_until("work is accepted again", lambda: len(again.accepted) > 50, 30)
    again.stop()
    load.accepted |= again.accepted
    expect("refusals that were not 503 with Retry-After and a text", load.odd, [])
    settled(node, load)
    return node


def death(options, folder):
    disk, node = start(options, folder, "0B")
    load = Load(node)
    fill(disk, node, load)
    node.kill()
    load.stop()
    before = len((pathlib.Path(folder) / "node.log").read_text())
    node.spawn()
    expect("started on the full disk it ends with", node.process.wait(timeout=60), 1)
    told = (pathlib.Path(folder) / "node.log").read_text()[before:]
    print(told)
    expect("and says what to do", "the disk of the database is full: make room" in told, True)
    disk.free()
    node.start()
    settled(node, load)
    return node


def lost(options, folder):
    disk, node = start(options, folder, "0B")
    broken, read = disk.folder / "broken", 0

    def ends_with_a_reason(what):
        nonlocal read
        expect(f"{what}, the node ends with", node.process.wait(timeout=60), 1)
        said = (pathlib.Path(folder) / "node.log").read_text()[read:]
        expect("and says why", "the node cannot go on" in said and "may be lost" in said, True)
        read += len(said)
        broken.unlink()
        node.start()

    def enqueue(kind, **args):
        return answer_of(node, "POST", "/api/v1/executions", {"kind": kind, "args": args})

    expect("a job is taken", enqueue("probe.append", key="before")[0], 200)
    broken.touch()
    answer = enqueue("probe.append", key="unknown")
    expect("one that cannot be synced is not", answer is None or answer[0] != 200, True)
    ends_with_a_reason("when the disk does not take it")
    expect("a job that takes its time is taken", enqueue("probe.sleep", ms=2_000)[0], 200)
    wait_until("it runs", lambda: node.rows("SELECT count(*) FROM v_jobs WHERE state = 'active'")[0][0] == 1)
    broken.touch()
    node.process.terminate()
    ends_with_a_reason("when it does not take what a stop stores")
    wait_until("all has ended", lambda: node.probe_jobs_open() == 0)
    expect("what was accepted is there", node.rows("SELECT count(*) FROM probe_effects WHERE key = 'before'")[0][0], 1)
    return node


def main():
    cases = {"full": full, "brake": brake, "death": death, "lost": lost}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=cases)
    parser.add_argument("--programs", required=True, help="folder of the program penstock")
    parser.add_argument("--small-disk", required=True, help="the library of small_disk/")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="penstock-disk-") as folder:
        cases[options.case](options, folder).stop()


if __name__ == "__main__":
    main()
