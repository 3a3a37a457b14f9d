#!/usr/bin/env python3
"""Who may do what, and what is done once, seen from outside a real node.

  access_test.py tokens --programs DIR   made, used, seen, revoked; where they are not to be found
  access_test.py once   --programs DIR   one Idempotency-Key, one effect, though the node is killed

Prints what it saw; exits 0 only if it is what it must be.
"""
import json
import os
import pathlib
import subprocess
import sys
import threading
import urllib.error
import urllib.request

from queue_test import PROBE, effects, expect, wait_for
from real_node import Node, run_case, wait_until


def send(node, token, method, path, body=None, key=None, timeout=10):
    """Status and JSON of the answer, whatever it is."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    request = urllib.request.Request(f"http://127.0.0.1:{node.port}{path}", method=method, headers=headers,
                                     data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


def command(node, token, *words):
    done = subprocess.run([node.programs / "penstock", "--config", node.config, *words], timeout=60, capture_output=True,
                          text=True, env={**os.environ, "PENSTOCK_TOKEN": token})
    return done.returncode, done.stdout, done.stderr


def tokens(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    make = lambda *words: node.cli("token", "create", *words).strip()
    viewer, operator = make("--role", "viewer", "--name", "eyes"), make("--role", "operator", "--name", "hands")
    short = make("--role", "viewer", "--expires", "1s")
    own = node.call("POST", "/api/v1/organisations", {"name": "Acme"})["id"]
    other = node.call("POST", "/api/v1/organisations", {"name": "Other"})["id"]
    bound = make("--role", "admin", "--organisation", own, "--name", "theirs")

    expect("a viewer sees", command(node, viewer, "queue", "status")[0], 0)
    refused = command(node, viewer, "queue", "pause", "default")
    expect("a viewer pauses", (refused[0], "needs the role operator" in refused[2]), (1, True))
    expect("an operator pauses", command(node, operator, "queue", "pause", "default")[0], 0)
    expect("an operator resumes", command(node, operator, "queue", "resume", "default")[0], 0)
    expect("an operator makes tokens", command(node, operator, "token", "create", "--role", "admin")[0], 1)
    expect("who paused", [each["actor"].endswith(" (hands)") for each in node.call("GET", "/api/v1/audit")["items"]
                          if each["subject"] == "/api/v1/queues/default/pause"], [True])

    theirs = send(node, bound, "POST", "/api/v1/integrations", {"service": "monzo"})
    expect("an administrator of Acme adds to", theirs[1].get("organisation_id"), own)
    foreign = node.call("POST", "/api/v1/integrations", {"service": "monzo", "organisation_id": other})["id"]
    expect("and sees of Other", send(node, bound, "GET", f"/api/v1/integrations/{foreign}")[0], 404)
    expect("its list", [each["id"] for each in send(node, bound, "GET", "/api/v1/integrations")[1]["items"]],
           [theirs[1]["id"]])
    expect("the whole node", send(node, bound, "GET", "/api/v1/queues")[0], 403)
    made = send(node, bound, "POST", "/api/v1/executions", {"kind": "probe.noop"})[1]["id"]
    shown = wait_for(node, made, "completed")
    expect("its job", (shown["organisation_id"], shown["triggered_by"].endswith(" (theirs)")), (own, True))

    wait_until("the short token has ended", lambda: send(node, short, "GET", "/api/v1/queues")[0] == 401, 10)
    expect("and says so", send(node, short, "GET", "/api/v1/queues")[1]["code"], "token_expired")
    node.stop()
    node.start()
    expect("after a restart", [send(node, each, "GET", "/api/v1/queues")[0] for each in (viewer, operator, short)],
           [200, 200, 401])
    id = next(each["id"] for each in node.call("GET", "/api/v1/tokens")["items"] if each["name"] == "eyes")
    expect("revoked", command(node, node_token(node), "token", "revoke", id)[0], 0)
    expect("it is good for", send(node, viewer, "GET", "/api/v1/queues")[0], 401)
    expect("the list", "eyes" in node.cli("token", "list"), False)
    node.stop()
    # No file of the node holds a token: not the database, its log, nor what the node wrote to its own log.
    holding = [str(file) for file in pathlib.Path(folder).rglob("*") if file.is_file()
               for token in (viewer, operator, short, bound) if token.encode() in file.read_bytes()]
    expect("files that hold a token", holding, [])


def node_token(node):
    return (node.folder / "data" / "admin.token").read_text().strip()


def once(options, folder):
    """Clients that do not know whether their request was heard send it again, under the same key."""
    node = Node(options.programs, folder, PROBE)
    node.start()
    token, keys, answers, lock = node_token(node), 400, {}, threading.Lock()

    def ask(number):
        body = {"kind": "probe.append", "args": {"key": f"k{number}"}}
        try:
            status, answer = send(node, token, "POST", "/api/v1/executions", body, f"key-{number}", 5)
        except OSError:
            return None  # nobody knows what became of it
        if status == 201:
            with lock:
                answers.setdefault(number, set()).add(answer["id"])
        return status

    for kill in range(4):
        clients = [threading.Thread(target=lambda first=first: [ask(n) for n in range(first, keys, 8)])
                   for first in range(8)]
        for each in clients:
            each.start()
        wait_until("some were answered", lambda: len(answers) > kill * 60, 30)
        node.kill()
        for each in clients:
            each.join()
        node.start()
    expect("keys that were not answered at last", [number for number in range(keys) if ask(number) != 201], [])
    wait_until("all jobs ended", lambda: not node.probe_jobs_open())
    expect("keys that were answered with two jobs", [n for n, ids in answers.items() if len(ids) != 1], [])
    seen = effects(node)
    expect("effects, and different ones", (len(seen), len(set(seen))), (keys, keys))
    status, told = send(node, token, "POST", "/api/v1/executions", {"kind": "probe.noop"}, "key-7")
    expect("another request under a key", (status, told["code"]), (422, "key_reused"))
    node.stop()


if __name__ == "__main__":
    run_case(__doc__, {"tokens": tokens, "once": once})
