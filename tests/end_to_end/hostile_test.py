#!/usr/bin/env python3
"""Clients that mean no good, in front of a real node, while another one goes on working.

  hostile_test.py slow   --programs DIR   slow headers and bodies, thousands of sockets that say nothing
  hostile_test.py broken --programs DIR   oversized, ambiguous, truncated, wrongly encoded requests
  hostile_test.py edge   --programs DIR   limits of requests and of wrong tokens, proxies, pages of other origins
  hostile_test.py inward --programs DIR   jobs whose addresses point inward
  hostile_test.py tls    --programs DIR   https for the node and the commands, and its certificate renewed

Prints what it saw; exits 0 only if it is what it must be.
"""
import http.client
import json
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

from local_provider import LocalProvider
from queue_test import PROBE, enqueue, expect, job
from real_node import Node, run_case, wait_until


def connect(node):
    return socket.create_connection(("127.0.0.1", node.port), timeout=70)


def token_of(node):
    return (node.folder / "data" / "admin.token").read_text().strip()


def read_to_end(sock, limit=70):
    """What comes until the node closes, and after how many seconds that was."""
    began, text = time.monotonic(), b""
    sock.settimeout(limit)
    try:
        while piece := sock.recv(65536):
            text += piece
    except ConnectionError:
        pass
    except socket.timeout:
        sys.exit(f"hostile_test: the node did not close within {limit} s, after {text[:200]!r}")
    return text, time.monotonic() - began


def ask(node, raw):
    """All that the node answers to these bytes of one connection that is then half closed."""
    with connect(node) as sock:
        try:
            sock.sendall(raw)
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it had seen enough
        return read_to_end(sock)


def statuses(answer):
    return [int(each) for each in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def memory_of(node):
    """Resident, in MB."""
    status = pathlib.Path(f"/proc/{node.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


class NormalClient:
    """Asks for a route with the database behind it, each time by a new connection."""

    def __init__(self, node):
        self.node, self.latencies, self.failures, self.going = node, [], [], True
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while self.going:
            began = time.monotonic()
            try:
                self.node.call("GET", "/api/v1/integrations", timeout=20)
                self.latencies.append(time.monotonic() - began)
            except OSError as failure:
                self.failures.append(str(failure))
            time.sleep(0.02)

    def stop(self, what):
        self.going = False
        self.thread.join()
        of = sorted(self.latencies)
        print(f"{what}: the normal client asked {len(of)} times, p50 {of[len(of) // 2] * 1000:.1f} ms, "
              f"p99 {of[len(of) * 99 // 100] * 1000:.1f} ms, longest {of[-1] * 1000:.1f} ms; {len(self.failures)} failures; "
              f"the node has {memory_of(self.node):.0f} MB", flush=True)
        expect(f"{what}: failures of the normal client", self.failures[:3], [])
        expect(f"{what}: the normal client waits at most 5 s", of[-1] < 5, True)


def slow(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    before = memory_of(node)
    client = NormalClient(node)
    silent = []
    for _ in range(3000):
        try:
            silent.append(socket.create_connection(("127.0.0.1", node.port), timeout=20))
        except OSError:
            break
    print(f"{len(silent)} sockets that say nothing are open")
    time.sleep(2)
    client.stop("silent sockets")
    client = NormalClient(node)
    half = []
    for _ in range(1500):
        sock = socket.create_connection(("127.0.0.1", node.port), timeout=20)
        try:
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        except OSError:
            pass  # it gave way already
        half.append(sock)
    # One byte each second: the whole header has ten.
    last, began = half[-1], time.monotonic()
    last.settimeout(1)
    answer = b""
    while time.monotonic() - began < 30:
        try:
            last.sendall(b"x")
            piece = last.recv(65536)
            answer += piece
            if not piece:
                break
        except socket.timeout:
            continue
        except OSError:
            break
    took = time.monotonic() - began
    print(f"a header of one byte a second was ended after {took:.1f} s with {statuses(answer)}")
    expect("a slow header ends in its time", took < 15, True)
    expect("and is told why", statuses(answer), [408])
    client.stop("slow headers")
    client = NormalClient(node)
    bodies = []
    for _ in range(200):
        sock = socket.create_connection(("127.0.0.1", node.port), timeout=20)
        sock.sendall(b"POST /api/v1/executions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token_of(node).encode() +
                     b"\r\nContent-Length: 10000000\r\n\r\n{")
        bodies.append(sock)
    answer, took = read_to_end(bodies[-1])
    print(f"a body that does not come was ended after {took:.1f} s with {statuses(answer)}")
    expect("a slow body ends in its time", 25 < took < 40, True)
    expect("and is told why", statuses(answer), [408])
    client.stop("slow bodies")
    expect("memory is bounded", memory_of(node) - before < 150, True)
    for sock in silent + half + bodies:
        sock.close()
    return node


def broken(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    auth = b"Authorization: Bearer " + token_of(node).encode() + b"\r\n"
    began = time.monotonic()
    client = NormalClient(node)
    before = memory_of(node)

    def post(fields, body, path=b"/api/v1/executions"):
        return b"POST " + path + b" HTTP/1.1\r\nHost: a\r\n" + auth + fields + b"\r\n" + body

    def sized(body):
        return post(b"Content-Length: %d\r\n" % len(body), body)

    inner = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    # name, bytes, statuses that may be answered: a smuggled request would be one answer more
    cases = [
        ("header of 1 MB", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 2**20 + b"\r\n\r\n", [431]),
        ("1,000 fields", b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 1000 + b"\r\n", [431]),
        ("target of 100 KB", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", [431]),
        ("method of 10 KB", b"A" * 10_000 + b" / HTTP/1.1\r\nHost: a\r\n\r\n", [400, 405, 404, 431]),
        ("body that is announced too long", post(b"Content-Length: 99999999999\r\n", b"{}"), [413]),
        ("length beyond 64 bits", post(b"Content-Length: 99999999999999999999999\r\n", b"{}"), [400]),
        ("negative length", post(b"Content-Length: -1\r\n", b"{}"), [400]),
        ("length with a plus", post(b"Content-Length: +2\r\n", b"{}"), [400]),
        ("length and chunks", post(b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + inner), [400]),
        ("chunks and length", post(b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", b"0\r\n\r\n" + inner), [400]),
        ("two lengths", post(b"Content-Length: 2\r\nContent-Length: 3\r\n", b"{}" + inner), [400]),
        ("list of lengths", post(b"Content-Length: 2, 3\r\n", b"{}" + inner), [400]),
        ("coding that is not chunked", post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n" + inner), [400]),
        ("coding with a tab", post(b"Transfer-Encoding:\x0bchunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n" + inner), [400]),
        ("coding twice", post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"0\r\n\r\n" + inner), [400]),
        ("coding in HTTP/1.0", post(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n" + inner).replace(b"HTTP/1.1", b"HTTP/1.0", 1), [400]),
        ("blank before the colon", post(b"Content-Length : 2\r\n", b"{}" + inner), [400]),
        ("folded field", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", [400]),
        ("folded length", post(b"Content-Length:\r\n 2\r\n", b"{}"), [400]),
        ("bare line feeds", b"GET /healthz HTTP/1.1\nHost: a\n\n", [400]),
        ("bare carriage return", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", [400]),
        ("zero byte in a field", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", [400]),
        ("no host", b"GET /healthz HTTP/1.1\r\n\r\n", [400]),
        ("two hosts", b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", [400]),
        ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
        ("TLS to a plain port", bytes.fromhex("160301008f0100008b0303") + b"\x00" * 200, [400]),
        ("random bytes", bytes(range(256)) * 40, [400]),
        ("chunk size of letters", post(b"Transfer-Encoding: chunked\r\n", b"zz\r\n{}\r\n0\r\n\r\n"), [400]),
        ("chunk size beyond 64 bits", post(b"Transfer-Encoding: chunked\r\n", b"FFFFFFFFFFFFFFFFF\r\n"), [400, 413]),
        ("chunk longer than said", post(b"Transfer-Encoding: chunked\r\n", b"2\r\n{}xx\r\n0\r\n\r\n"), [400]),
        ("chunk extension of 1 MB", post(b"Transfer-Encoding: chunked\r\n", b"2;a=" + b"x" * 2**20 + b"\r\n{}\r\n0\r\n\r\n"), [400]),
        ("chunks beyond the limit", post(b"Transfer-Encoding: chunked\r\n", b"100000\r\n" + (b"x" * 0x100000 + b"\r\n100000\r\n") * 20), [413]),
        ("deep JSON", sized(b"[" * 1_000_000), [400, 422]),
        ("deep JSON in args", sized(b'{"kind":"probe.noop","args":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}"), [400, 422]),
        ("invalid UTF-8", sized(b'{"kind":"probe.noop","args":{"a":"\xff\xfe"}}'), [400, 422]),
        ("a lone surrogate", sized(b'{"kind":"probe.noop","unique_key":"\\ud800"}'), [400, 422]),
        ("body of another kind", sized(b"\x00" * 10_000), [400, 422]),
        ("a number without end", sized(b'{"kind":"probe.noop","priority":' + b"9" * 100_000 + b"}"), [400, 422]),
        ("path that climbs", b"GET /../../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", [404]),
        ("path that climbs, encoded", b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", [404]),
        ("path with a zero byte", b"GET /healthz%00.html HTTP/1.1\r\nHost: a\r\n\r\n", [404]),
        ("name that climbs", b"GET /api/v1/queues/..%2f..%2fetc HTTP/1.1\r\nHost: a\r\n" + auth + b"\r\n", [404, 422, 400]),
        ("absolute target of another host", b"GET http://evil.example/healthz HTTP/1.1\r\nHost: a\r\n\r\n", [404, 400]),
        ("CONNECT", b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", [404, 400, 405]),
        ("line feeds in the target", b"GET /x%0d%0aSet-Cookie:a=b HTTP/1.1\r\nHost: a\r\n\r\n", [404]),
        ("line feeds in the request id", b"GET /x HTTP/1.1\r\nHost: a\r\nX-Request-Id: a%0d%0aX-Evil: 1\r\n\r\n", [404]),
        ("100,000 parameters", b"GET /api/v1/executions?" + b"&".join([b"a=b"] * 3_000) + b" HTTP/1.1\r\nHost: a\r\n" + auth + b"\r\n", [400, 422]),
        ("half a request", b"GET /healthz HTTP/1.1\r\nHo", []),
        ("half a body", post(b"Content-Length: 10\r\n", b"{"), []),
        ("nothing", b"", []),
    ]
    slowest = (0, "")
    for name, raw, allowed in cases:
        answer, took = ask(node, raw)
        got = statuses(answer)
        slowest = max(slowest, (took, name))
        fine = (not got and not allowed) or (len(got) == 1 and got[0] in allowed)
        if not fine:
            sys.exit(f"hostile_test: {name}: answered {got}, not one of {allowed}: {answer[:300]!r}")
        for evil in (b"X-Evil", b"Set-Cookie", b"root:"):
            if b"\r\n" + evil in answer:
                sys.exit(f"hostile_test: {name}: {evil!r} came back as a header: {answer[:300]!r}")
        if got and got[0] != 200 and b"\r\n\r\n" in answer:
            document = json.loads(answer.split(b"\r\n\r\n", 1)[1])
            if not (document["code"] and document["request_id"]):
                sys.exit(f"hostile_test: {name}: no code or no request id in {document}")
    with connect(node) as sock:
        for piece in (post(b"Transfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n"), b"\r", b"\n"):
            sock.sendall(piece)
            time.sleep(0.2)
        got = statuses(sock.recv(65536))
        expect("a chunked body that ends byte by byte is read", got in ([400], [422]), True)
    print(f"{len(cases)} hostile requests were answered or closed, the slowest ('{slowest[1]}') after {slowest[0]:.2f} s")
    expect("each ends within 5 s", slowest[0] < 5, True)
    with connect(node) as sock:
        # Pipelined refusals: what stands behind a refused request is not answered.
        sock.sendall((b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n" * 100) + b"BROKEN\r\n\r\n" + inner)
        answer, _ = read_to_end(sock)
    expect("100 pipelined, then the broken one, then none", statuses(answer) == [404] * 100 + [400], True)
    client.stop("broken requests")
    print(f"memory grew by {memory_of(node) - before:.0f} MB")
    expect("memory is bounded", memory_of(node) - before < 150, True)
    expect("it took less than a minute", time.monotonic() - began < 60, True)
    return node


def request(node, method, path, headers=(), body=None):
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=20)
    connection.request(method, path, body, dict(headers))
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, answer.headers, text


def edge(options, folder):
    node = Node(options.programs, folder, PROBE, environment={
        "PENSTOCK_HTTP__RATE_LIMIT": "100/m", "PENSTOCK_HTTP__RATE_BURST": "40", "PENSTOCK_HTTP__TRUSTED_PROXIES": "127.0.0.1",
        "PENSTOCK_HTTP__CORS_ORIGINS": "https://app.example"}.items())
    node.start()
    token = token_of(node)
    viewer = node.call("POST", "/api/v1/tokens", {"name": "v", "role": "viewer"})["token"]
    as_viewer = {"Authorization": "Bearer " + viewer}
    seen = [request(node, "GET", "/api/v1/queues", as_viewer) for _ in range(60)]
    passed = sum(status == 200 for status, _, _ in seen)
    print(f"of 60 requests at once {passed} passed a burst of 40")
    expect("about the burst passes", 40 <= passed <= 45, True)
    status, headers, text = seen[-1]
    expect("the rest is told when to come again", (status, int(headers["Retry-After"]) >= 1, json.loads(text)["code"]),
           (429, True, "too_many_requests"))
    expect("the first was told how it stands", (seen[0][1]["RateLimit-Limit"], seen[0][1]["RateLimit-Remaining"]), ("40", "39"))
    expect("another token goes on", request(node, "GET", "/api/v1/queues", {"Authorization": "Bearer " + token})[0], 200)
    wrong = [request(node, "GET", "/api/v1/queues", {"Authorization": "Bearer wrong%d" % i, "X-Forwarded-For": "203.0.113.9"})[0]
             for i in range(40)]
    print(f"of 40 wrong tokens of one address {wrong.count(401)} were answered 401, {wrong.count(429)} 429")
    expect("wrong tokens are limited", (wrong[0], wrong[-1], 28 <= wrong.count(401) <= 33), (401, 429, True))
    expect("by address", request(node, "GET", "/api/v1/queues", {"Authorization": "Bearer x", "X-Forwarded-For": "203.0.113.10"})[0], 401)
    expect("a good token is taken from there all the same", request(
        node, "GET", "/api/v1/queues", {"Authorization": "Bearer " + token, "X-Forwarded-For": "203.0.113.9"})[0], 200)
    request(node, "POST", "/api/v1/queues/default/pause",
            {"Authorization": "Bearer " + token, "X-Forwarded-For": "10.9.9.9, 203.0.113.77", "X-Request-Id": "my-id"})
    entry = next(each for each in node.call("GET", "/api/v1/audit")["items"] if each["subject"].endswith("/pause"))
    expect("the audit knows who asked", (entry["address"], entry["request_id"]), ("203.0.113.77", "my-id"))
    preflight = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
    status, headers, _ = request(node, "OPTIONS", "/api/v1/integrations/1", preflight)
    expect("a page of a listed origin may ask", (status, headers["Access-Control-Allow-Origin"], headers["Vary"],
                                                 "PATCH" in headers["Access-Control-Allow-Methods"]),
           (204, "https://app.example", "Origin", True))
    status, headers, _ = request(node, "OPTIONS", "/api/v1/integrations/1", {**preflight, "Origin": "https://evil.example"})
    expect("others may not", (status, headers["Access-Control-Allow-Origin"]), (403, None))
    _, headers, _ = request(node, "GET", "/healthz")
    expect("every answer has its headers", (headers["X-Content-Type-Options"], headers["Referrer-Policy"],
                                            headers["Strict-Transport-Security"], headers["Cache-Control"]),
           ("nosniff", "no-referrer", None, "no-store"))
    return node


def inward(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    provider = LocalProvider()
    port = provider.base.rpartition(":")[2]
    passed = enqueue(node, "probe.call", {"url": provider.base + "/ok"})["id"]
    wait_until("a listed host is asked", lambda: job(node, passed)["state"] == "completed", 30)
    refused = {address: enqueue(node, "probe.call", {"url": address})["id"] for address in (
        f"http://127.0.0.2:{port}/x", f"http://[::1]:{port}/x", f"http://[::ffff:127.0.0.2]:{port}/x", f"http://0.0.0.0:{port}/x",
        f"http://2130706433:{port}/x", f"http://0x7f.1:{port}/x", f"http://0177.0.0.1:{port}/x", f"http://127.1:{port}/x",
        "https://10.0.0.1/", "https://192.168.0.1/", "http://169.254.169.254/latest/meta-data/", "https://[fd00:ec2::254]/",
        "https://[64:ff9b::10.0.0.1]/", "https://[2002:a00:1::]/", "http://8.8.8.8/", "https://user:hunter2@example.org/")}
    for address, id in refused.items():
        wait_until(f"{address} has ended", lambda: job(node, id)["state"] == "failed", 30)
        errors = job(node, id)["errors"]
        if len(errors) != 1 or "hunter2" in json.dumps(errors) or "\n" in errors[0]["message"]:
            sys.exit(f"hostile_test: {address}: {errors}")
    told = [job(node, id)["errors"][0]["message"] for id in refused.values()]
    print(*told, sep="\n")
    expect("those that people may mean name the setting", sum("http.allow_private_hosts" in each for each in told) >= 11, True)
    expect("none of them reached anybody", list(provider.asked), ["/ok"])
    return node


def make_certificate(folder, name, host):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-keyout", folder / f"{name}.key", "-out",
                    folder / f"{name}.pem"], check=True, capture_output=True)


def tls(options, folder):
    folder = pathlib.Path(folder)
    make_certificate(folder, "old", "node.example")
    make_certificate(folder, "new", "node.example")

    def put(name):
        for kind in ("pem", "key"):
            (folder / f"live.{kind}").write_bytes((folder / f"{name}.{kind}").read_bytes())

    put("old")
    node = Node(options.programs, folder / "node", PROBE, environment={
        "PENSTOCK_HTTP__TLS__CERTIFICATE": str(folder / "live.pem"), "PENSTOCK_HTTP__TLS__KEY": str(folder / "live.key")}.items())
    node.spawn()

    def over_tls(authority):
        context = ssl.create_default_context(cafile=folder / f"{authority}.pem")
        with socket.create_connection(("127.0.0.1", node.port), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="node.example") as sock:
                sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                text = b""
                while piece := sock.recv(65536):
                    text += piece
                return text

    def answers():
        try:
            return statuses(over_tls("old")) == [200]
        except OSError:
            return False

    wait_until("the node answers by https", answers, 60)
    expect("it asks browsers to keep to https", b"Strict-Transport-Security: max-age=" in over_tls("old"), True)

    def cli(*words):
        done = subprocess.run([options.programs / "penstock", *words], capture_output=True, text=True, timeout=60,
                              env=node.environment)
        return done.returncode, done.stderr

    expect("its own commands know it", cli("--config", node.config, "queue", "status")[0], 0)
    elsewhere = ("--url", f"https://127.0.0.1:{node.port}", "--token", token_of(node), "queue", "status")
    bare = {key: value for key, value in node.environment.items() if not key.startswith("PENSTOCK_HTTP__TLS")}
    node.environment, full = bare, node.environment
    status, told = cli(*elsewhere)
    expect("others verify it", (status, "certificate verify failed" in told), (3, True))
    status, told = cli(*elsewhere, "--ca-file", str(folder / "old.pem"))
    expect("by name too", (status, "certificate verify failed" in told), (3, True))
    node.environment = full
    with connect(node) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        expect("plain HTTP is not spoken", b"HTTP/1.1 200" in read_to_end(sock, 20)[0], False)
    idle = connect(node)
    answer, took = read_to_end(idle, 30)
    print(f"a handshake that does not begin was ended after {took:.1f} s")
    expect("in its time", took < 15, True)
    put("new")
    node.process.send_signal(signal.SIGHUP)
    wait_until("the new certificate is shown", lambda: not answers(), 20)
    expect("the new certificate", statuses(over_tls("new")), [200])
    (folder / "live.key").write_text("no key\n")
    node.process.send_signal(signal.SIGHUP)
    log = folder / "node" / "node.log"
    wait_until("a wrong file is told", lambda: "was not reloaded" in log.read_text(), 20)
    expect("and changes nothing", statuses(over_tls("new")), [200])
    node.stop()
    node.spawn()
    expect("a start with it is refused", (node.process.wait(timeout=30), "live.key" in log.read_text()), (78, True))
    return ()


if __name__ == "__main__":
    run_case(__doc__, {"slow": slow, "broken": broken, "edge": edge, "inward": inward, "tls": tls})
