#!/usr/bin/env python3
"""What providers send to a real node.

  webhook_test.py intake --programs DIR   addresses, secrets and refusals as people and providers meet them
  webhook_test.py signed --programs DIR   deliveries that are signed as Standard Webhooks says
  webhook_test.py large  --programs DIR   a body of 100 MB, and the memory that it takes
  webhook_test.py kill   --programs DIR   kill -9 in the middle of intake: what was answered is there, nothing half is left

Prints what it saw; exits 0 only if it is what it must be.
"""
import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import random
import sys
import threading
import time

from real_node import Node, wait_until

MB = 1 << 20
PROBE = "[connectors.probe]\nenabled = true\n"
LARGE = 100 * MB
MOST_ADDED = 64  # MB


def expect(what, seen, wanted):
    print(f"{what}: {seen}" + ("" if seen == wanted else f", but {wanted} was expected"), flush=True)
    if seen != wanted:
        sys.exit(1)


def post(node, path, body=b"", headers=None):
    """Status and answer. `body` may be a list of pieces, which are sent as they are made."""
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=120)
    try:
        if isinstance(body, bytes):
            connection.request("POST", path, body, headers or {})
        else:
            length = sum(len(piece) for piece in body)
            connection.request("POST", path, iter(body), {**(headers or {}), "Content-Length": str(length)})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def path_in(text):
    """Of the address that a command shows."""
    return "/webhooks" + next(word for word in text.split() if "/webhooks/" in word).partition("/webhooks")[2]


def effect_of(body):
    return f"{len(body)} bytes {hashlib.sha256(body).hexdigest()}"


def effects(node):
    return sorted(row[0] for row in node.rows("SELECT key FROM probe_effects"))


def intake(options, folder):
    node = Node(options.programs, folder, PROBE.replace("[connectors", "[webhooks]\nmax_body = \"1MB\"\n[connectors"))
    node.config.write_text(node.config.read_text().replace('level = "warn"', 'level = "debug"'))
    node.start()
    told = node.cli("integrations", "add", "probe")
    path = path_in(told)
    secret = path.rpartition("/")[2]
    integration = told.split()[1]
    status, answer = post(node, path, b"hello")
    expect("a delivery", status, 202)
    job = answer["job_id"]
    wait_until("its job ran", lambda: effects(node) == [effect_of(b"hello")])
    shown = json.loads(node.cli("jobs", "show", job, "--json"))
    expect("of the integration", (shown["integration_id"], shown["queue"]), (integration, "webhook"))
    for name in ("X-Webhook-Secret", "api-key", "Authorization"):
        expect(f"secret in {name}", post(node, "/webhooks/probe", b"x", {name: secret})[0], 202)
    expect("named twice", [post(node, path, b"y", {"X-Probe-Delivery": "1"})[1]["deduplicated"] for _ in range(2)],
           [False, True])
    expect("no secret", post(node, "/webhooks/probe", b"x")[0], 401)
    expect("a wrong one", post(node, "/webhooks/probe/guess", b"x")[1]["code"], "invalid_secret")
    expect("no such service", post(node, f"/webhooks/nothing/{secret}", b"x")[0], 404)
    expect("encoded", post(node, path, b"x", {"Content-Encoding": "gzip"})[0], 415)
    expect("too large", post(node, path, b"x" * (MB + 1))[1]["code"], "body_too_large")
    expect("pieces left", node.rows("SELECT count(*) FROM staged_bodies")[0][0], 0)
    show = node.cli("integrations", "show", integration)
    expect("shown without the secret", ("/webhooks/probe/…" in show, secret in show), (True, False))
    node.cli("integrations", "pause", integration)
    expect("paused", post(node, path, b"x")[0], 503)
    node.cli("integrations", "resume", integration)
    new_path = path_in(node.cli("integrations", "webhook", integration))
    expect("the former address", post(node, path, b"x")[0], 401)
    expect("the new one", post(node, new_path, b"x")[0], 202)
    audit = json.dumps(node.call("GET", "/api/v1/audit"))
    expect("in the audit", ("webhook-secret" in audit, secret in audit), (True, False))
    node.stop()
    log = (node.folder / "node.log").read_text()
    expect("secrets in the log", [each in log for each in (secret, new_path.rpartition("/")[2], "guess")], [False] * 3)
    stored = b"".join(each.read_bytes() for each in (node.folder / "data").glob("penstock.db*"))
    expect("secrets in the database", secret.encode() in stored, False)
    node.start()
    expect("after a restart", post(node, new_path, b"z")[0], 202)
    node.cli("integrations", "remove", integration)
    expect("of a removed one", post(node, new_path, b"z")[0], 401)
    return node


def signed(options, folder):
    node = Node(options.programs, folder, PROBE + 'webhook_signature = "standard"\n')
    node.start()
    made = node.call("POST", "/api/v1/integrations", {"service": "probe"})["webhook"]
    path, key = path_in(made["url"]), base64.b64decode(made["signing_secret"].removeprefix("whsec_"))

    def headers(name, body, at=None):
        at = int(time.time()) if at is None else at
        code = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
        return {"webhook-id": name, "webhook-timestamp": str(at),
                "webhook-signature": "v1,AAAA v1," + base64.b64encode(code).decode()}

    status, first = post(node, path, b"{}", headers("msg_1", b"{}"))
    expect("signed", status, 202)
    expect("the same again", post(node, path, b"{}", headers("msg_1", b"{}"))[1],
           {"job_id": first["job_id"], "deduplicated": True})
    expect("another body", post(node, path, b"[]", headers("msg_2", b"{}"))[0], 401)
    expect("an old one", post(node, path, b"{}", headers("msg_3", b"{}", int(time.time()) - 400))[0], 401)
    expect("unsigned", post(node, path, b"{}")[0], 401)
    large = random.Random(1).randbytes(3 * MB)
    expect("a large one", post(node, path, large, headers("msg_4", large))[0], 202)
    spoiled = large[:-1] + bytes([large[-1] ^ 1])
    expect("a large one that was changed", post(node, path, spoiled, headers("msg_5", large))[0], 401)
    expect("pieces left", node.rows("SELECT count(*) FROM staged_bodies")[0][0], 0)
    wait_until("the jobs ran", lambda: effects(node) == sorted([effect_of(b"{}"), effect_of(large)]))
    expect("bodies left", node.rows("SELECT count(*) FROM job_payloads")[0][0], 0)
    return node


def memory(node):
    """Resident now and at most since `forget_peak`, in MB; what is the process's own, and all of it."""
    lines = dict(line.split(":", 1) for line in
                 pathlib.Path(f"/proc/{node.process.pid}/status").read_text().splitlines() if ":" in line)
    return {name: int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM", "RssAnon")}


def forget_peak(node):
    pathlib.Path(f"/proc/{node.process.pid}/clear_refs").write_text("5")


def large(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    path = path_in(node.cli("integrations", "add", "probe"))
    post(node, path, b"x" * MB)  # what any delivery needs is there
    wait_until("the first ran", lambda: len(effects(node)) == 1)
    piece = b"0123456789abcdef" * (MB // 16)
    pieces = [piece] * (LARGE // MB)
    wanted = f"{LARGE} bytes {hashlib.sha256(b''.join(pieces)).hexdigest()}"
    forget_peak(node)
    before = memory(node)
    begin = time.monotonic()
    status, _ = post(node, path, pieces)
    took = time.monotonic() - begin
    taken = memory(node)
    expect("100 MB", status, 202)
    wait_until("its job ran", lambda: len(effects(node)) == 2)
    done = memory(node)
    expect("the body that the job read", wanted in effects(node), True)
    added = done["VmHWM"] - before["VmRSS"]
    print(f"resident before {before['VmRSS']:.1f} MB; at most {taken['VmHWM']:.1f} MB when it was answered after "
          f"{took:.1f} s, {done['VmHWM']:.1f} MB when its job had read it: {added:.1f} MB more", flush=True)
    expect(f"at most {MOST_ADDED} MB more", added <= MOST_ADDED, True)
    expect("bodies left", node.rows("SELECT count(*) FROM job_payloads")[0][0], 0)
    return node


class Senders:
    """Small and large deliveries on several connections; remembers what was answered."""

    def __init__(self, node, path, count):
        self.node, self.path, self.stopped, self.lock = node, path, threading.Event(), threading.Lock()
        self.answered, self.sent = {}, 0
        self.threads = [threading.Thread(target=self.run, args=(i,), daemon=True) for i in range(count)]
        for each in self.threads:
            each.start()

    def run(self, number):
        draw = random.Random(number)
        while not self.stopped.is_set():
            with self.lock:
                self.sent += 1
                name = f"delivery {self.sent} "
            body = name.encode() + (draw.randbytes(draw.randrange(MB, 4 * MB)) if number % 3 == 0 else b"small")
            try:
                status, answer = post(self.node, self.path, body)
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.02)  # the node is dead at the moment
                continue
            if status == 202:
                with self.lock:
                    self.answered[answer["job_id"]] = effect_of(body)

    def stop(self):
        self.stopped.set()
        for each in self.threads:
            each.join()


def kill(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    path = path_in(node.cli("integrations", "add", "probe"))
    senders = Senders(node, path, 6)
    draw, cut = random.Random(7), 0
    for _ in range(options.rounds):
        time.sleep(draw.uniform(0.3, 0.9))
        node.kill()
        cut += node.rows("SELECT count(*) FROM staged_bodies")[0][0]
        node.start()
    time.sleep(0.3)
    senders.stop()
    wait_until("all jobs ended", lambda: not node.probe_jobs_open())
    wait_until("what was cut off is gone", lambda: not node.rows("SELECT count(*) FROM staged_bodies")[0][0], 30)
    seen = dict(node.rows("SELECT CAST(job_id AS TEXT), key FROM probe_effects"))
    print(f"{options.rounds} kills, {cut} bodies half stored at them; {senders.sent} sent, {len(senders.answered)} answered, "
          f"{len(seen)} stored", flush=True)
    expect("answered and lost or changed", sum(seen.get(job) != effect for job, effect in senders.answered.items()), 0)
    expect("effects that happened twice", node.rows("SELECT count(*) - count(DISTINCT job_id) FROM probe_effects")[0][0], 0)
    expect("bodies left", node.rows("SELECT count(*) FROM job_payloads")[0][0], 0)
    return node


def main():
    import argparse
    import tempfile
    cases = {"intake": intake, "signed": signed, "large": large, "kill": kill}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=cases)
    parser.add_argument("--programs", required=True, type=pathlib.Path, help="folder of penstock")
    parser.add_argument("--rounds", type=int, default=10, help="kills, of `kill`")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="penstock-webhook-") as folder:
        cases[options.case](options, folder).stop()


if __name__ == "__main__":
    main()
