#!/usr/bin/env python3
"""Limits of queues and of providers, seen from outside a real node.

  limits_test.py limiter  --programs DIR   10/s holds 9 to 11 over ten seconds, also across a restart
  limits_test.py provider --programs DIR   one 429 stops all jobs of its credential and no others, and rewrites no job

Prints what it saw; exits 0 only if it is what it must be.
"""
import http.server
import json
import threading
import urllib.request

from queue_test import PROBE, append, enqueue, enqueue_many, expect, expect_within, job, wait_for
from real_node import Node, Sandbox, run_case, wait_until


def limiter(options, folder):
    node = Node(options.programs, folder, PROBE + '[queues.slow]\nlimit = "10/s"\n')
    node.start()
    enqueue_many(node, [append("k", queue="slow") for _ in range(400)])
    times = lambda: [row[0] / 1e6 for row in node.rows("SELECT at FROM probe_effects ORDER BY at")]
    wait_until("ten seconds have passed", lambda: times() and times()[-1] - times()[0] >= 10.5, 60)
    first = times()
    expect_within("jobs in the first ten seconds", sum(at - first[0] < 10 for at in first), 90, 110)
    node.stop()
    node.start()
    wait_until("it goes on", lambda: times()[-1] - first[-1] >= 4, 60)
    all_times = times()
    most = max(sum(start <= at < start + 10 for at in all_times) for start in all_times)
    expect_within("most jobs in any ten seconds, over the restart", most, 90, 111)
    node.stop()


class Provider:
    """Answers 429 on /limited for a while after its first request there; counts."""

    def __init__(self):
        self.hits, self.limiting = {}, True
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                provider.hits[self.path] = provider.hits.get(self.path, 0) + 1
                limited = self.path == "/limited" and provider.limiting
                body = json.dumps({"access_token": "not to be kept", "path": self.path}).encode()
                self.send_response(429 if limited else 200)
                if limited:
                    self.send_header("Retry-After", "31")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def authorise(node, name):
    node.cli("integrations", "add", "monzo", "--name", name)
    listed = json.loads(node.cli("integrations", "list", "--json"))["items"]
    account = next(each["id"] for each in listed if each["name"] == name)
    link = next(w for w in node.cli("integrations", "authorize", account, "--no-wait").split() if w.startswith("http"))
    urllib.request.urlopen(link, timeout=30).close()
    return account


def provider(options, folder):
    sandbox = Sandbox(options.programs, "--change-every", "0s", "--accounts", 1, "--transactions", 10)
    answers = Provider()
    node = Node(options.programs, folder, PROBE + "[queues.calls]\nconcurrency = 2\n" + sandbox.settings())
    node.start()
    limited, free = authorise(node, "limited"), authorise(node, "free")
    enqueue(node, "probe.noop", queue="calls")
    wait_until("the queue is known", lambda: "calls" in [q["name"] for q in node.call("GET", "/api/v1/queues")["items"]])
    node.call("POST", "/api/v1/queues/calls/pause", {})
    call = lambda path, credential: {"kind": "probe.call", "queue": "calls",
                                     "args": {"url": answers.base + path, "credential": credential}}
    jobs = [each for _ in range(20) for each in (call("/limited", limited), call("/free", free))]
    made = [each["id"] for each in enqueue_many(node, jobs)]
    of_limited, of_free = made[0::2], made[1::2]
    expect("their groups", {job(node, made[0])["group_key"], job(node, made[1])["group_key"]},
           {f"0/{limited}", f"0/{free}"})
    waiting = f"SELECT * FROM jobs WHERE id IN ({','.join(of_limited)}) AND attempts = 0 ORDER BY id"
    before = node.rows(waiting)
    node.call("POST", "/api/v1/queues/calls/resume", {})
    wait_until("the calls of the other credential end",
               lambda: all(job(node, id)["state"] == "completed" for id in of_free), 60)
    asked = answers.hits["/limited"]
    expect_within("calls of the limited credential", asked, 1, 2)
    touched = {row[0] for row in node.rows("SELECT job_id FROM http_exchanges WHERE status = 429")}
    after = node.rows(waiting)
    expect("waiting jobs that were rewritten",
           [a[0] for b, a in zip(before, after) if a != b and a[0] not in touched], [])
    expect("they wait still", sum(job(node, id)["state"] in ("waiting", "delayed") for id in of_limited), 20)
    expect("and cost no attempt", {job(node, id)["attempt"] for id in of_limited}, {0})
    expect("slots that they hold", node.call("GET", "/api/v1/queues/calls")["counts"]["active"], 0)
    until = node.rows("SELECT max(blocked_until) FROM shared_limits")[0][0]
    node.stop()
    node.start()
    # A new job of the credential in another queue stands behind the same block, also after a restart.
    other = node.call("POST", "/api/v1/executions", {**call("/limited", limited), "queue": "others"})["id"]
    free_one = node.call("POST", "/api/v1/executions", {**call("/free", free), "queue": "others", "keep_bodies": True})["id"]
    wait_for(node, free_one, "completed")
    expect("in another queue, after a restart", (job(node, other)["state"], answers.hits["/limited"]), ("waiting", asked))
    exchange = node.call("GET", f"/api/v1/executions/{free_one}/exchanges")["items"][0]
    expect("a body that was asked for", json.loads(exchange["response_body"]), {"access_token": "…", "path": "/free"})
    answers.limiting = False
    wait_until("the block is over and all end", lambda: job(node, other)["state"] == "completed" and
               all(job(node, id)["state"] == "completed" for id in of_limited), 90)
    first = min(row[0] for row in node.rows("SELECT at FROM http_exchanges WHERE status = 200 AND url LIKE '%/limited'"))
    expect("the first call after the block is not before its end", first >= until - 50_000, True)
    node.stop()
    sandbox.stop()


if __name__ == "__main__":
    run_case(__doc__, {"limiter": limiter, "provider": provider})
