#!/usr/bin/env python3
"""What browsers, editors and listeners meet at a real node.

  edge_test.py people      --programs DIR   people sign in, are signed out, and change nothing from other pages
  edge_test.py editors     --programs DIR   two administrators edit one schedule
  edge_test.py stream      --programs DIR   a listener that is cut ten times during 10,000 events hears each once, in order
  edge_test.py maintenance --programs DIR   nothing starts until it is over, also after a restart

Prints what it saw; exits 0 only if it is what it must be.
"""
import http.client
import json
import subprocess
import sys
import threading
import time

from access_test import node_token
from queue_test import PROBE, effects, expect
from real_node import Node, run_case, wait_until


def exchange(node, method, path, body=None, headers=()):
    """Status, headers and JSON of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=20)
    connection.request(method, path, None if body is None else json.dumps(body),
                       {"Content-Type": "application/json", **dict(headers)})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, answer.headers, json.loads(text) if text else None


def add_user(node, name, role, password):
    """As an administrator does at a shell, the password by standard input."""
    return subprocess.run([node.programs / "penstock", "--config", node.config, "user", "add", name, "--role", role],
                          input=password + "\n", capture_output=True, text=True, timeout=60)


def people(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    password = "correct horse battery"
    expect("user add", add_user(node, "Anna", "operator", password).returncode, 0)
    expect("a short password", add_user(node, "ben", "viewer", "short").returncode, 1)
    expect("no password", add_user(node, "ben", "viewer", "").returncode, 2)
    own = {"Origin": f"http://127.0.0.1:{node.port}"}
    sign_in = lambda secret: exchange(node, "POST", "/api/v1/session", {"name": "anna", "password": secret}, own)
    status, headers, told = sign_in(password)
    expect("signing in", (status, told["user"]["name"]), (201, "anna"))
    given = headers["Set-Cookie"]
    expect("its cookie", ("HttpOnly" in given, "SameSite=Lax" in given), (True, True))
    cookie = {"Cookie": given.split(";")[0]}
    who = exchange(node, "GET", "/api/v1/session", headers=cookie)
    expect("who it is", (who[0], who[2]["role"]), (200, "operator"))
    pause = lambda origin: exchange(node, "POST", "/api/v1/queues/default/pause", headers={**cookie, **origin})[0]
    expect("from another page, from none, from our own",
           [pause({"Origin": "https://evil.example"}), pause({}), pause(own)], [403, 403, 200])
    node.stop()
    node.start()
    expect("the session after a restart", exchange(node, "GET", "/api/v1/session", headers=cookie)[0], 200)
    wrong = [sign_in("incorrect horse")[0] for _ in range(7)]
    expect("guesses", (wrong[:5], wrong[5:]), ([401] * 5, [429] * 2))
    expect("user change", subprocess.run(
        [node.programs / "penstock", "--config", node.config, "user", "change", "anna", "--role", "viewer"],
        capture_output=True, timeout=60).returncode, 0)
    expect("the session of who has another role now", exchange(node, "GET", "/api/v1/session", headers=cookie)[0], 401)
    expect("user list", "anna" in node.cli("user", "list"), True)
    node.cli("user", "remove", "ANNA")
    expect("user list", "anna" in node.cli("user", "list"), False)
    node.stop()
    written = b"".join(file.read_bytes() for file in node.folder.rglob("*") if file.is_file())
    expect("files that hold the password or the cookie",
           [secret for secret in (password, cookie["Cookie"].split("=")[1]) if secret.encode() in written], [])


def editors(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    first, second = (node.cli("token", "create", "--role", "admin", "--name", name).strip() for name in ("one", "two"))
    schedule = {"name": "nightly", "cron": "0 3 * * *", "kind": "probe.noop"}
    path = "/api/v1/schedules/nightly"
    expect("made", exchange(node, "POST", "/api/v1/schedules", schedule, {"Authorization": f"Bearer {first}"})[0], 201)
    read = [exchange(node, "GET", path, headers={"Authorization": f"Bearer {token}"})[1]["ETag"]
            for token in (first, second)]
    edit = lambda token, etag, cron: exchange(node, "PATCH", path, {"cron": cron},
                                              {"Authorization": f"Bearer {token}", "If-Match": etag})
    expect("the first saves", edit(first, read[0], "0 4 * * *")[0], 200)
    late = edit(second, read[1], "0 5 * * *")
    expect("the second is told", (late[0], late[2]["code"]), (412, "precondition_failed"))
    now = exchange(node, "GET", path, headers={"Authorization": f"Bearer {second}"})
    expect("what stands", now[2]["cron"], "0 4 * * *")
    expect("having read again it saves", edit(second, now[1]["ETag"], "0 5 * * *")[0], 200)
    node.stop()


def stream(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    token, events, cuts = node_token(node), 10_000, 10
    begun = time.monotonic()

    def emit(first):
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
        for number in range(first, events, 8):
            connection.request("POST", "/api/v1/events",
                               json.dumps({"type": "test.emitted", "data": {"number": number}}),
                               {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 201, answer.status
        connection.close()

    emitters = [threading.Thread(target=emit, args=(first,)) for first in range(8)]
    for each in emitters:
        each.start()
    heard, positions, last, connections = [], [], "0", 0
    while len(heard) < events:
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=40)
        connection.request("GET", "/api/v1/events/stream?type=test.*",
                           headers={"Authorization": f"Bearer {token}", "Last-Event-ID": last})
        answer = connection.getresponse()
        expect("the stream", answer.status, 200)
        connections += 1
        taken, given, data = 0, None, None
        while len(heard) < events and (connections > cuts or taken < events // (cuts + 1)):
            name, _, value = answer.readline().decode().rstrip("\n").partition(": ")
            if name == "id":
                given = value
            elif name == "data":
                data = value
            elif name == "" and given is not None:
                if data is not None:
                    heard.append(json.loads(data)["data"]["number"])
                    positions.append(int(json.loads(data)["position"]))
                    taken += 1
                last, given, data = given, None, None
        connection.close()  # in the middle of whatever was on its way
    for each in emitters:
        each.join()
    expect("connections", connections, cuts + 1)
    expect("events, and different ones", (len(heard), len(set(heard))), (events, events))
    expect("in the order of their positions", positions == sorted(set(positions)), True)
    print(f"{events} events over {connections} connections in {time.monotonic() - begun:.1f} s")
    node.stop()


def maintenance(options, folder):
    node = Node(options.programs, folder, PROBE)
    node.start()
    expect("maintenance on", "maintenance is on" in node.cli("maintenance", "on"), True)
    for number in range(20):
        node.call("POST", "/api/v1/executions", {"kind": "probe.append", "args": {"key": f"k{number}"}})
    node.stop()
    node.start()
    expect("after a restart", "maintenance is on" in node.cli("maintenance", "show"), True)
    late = node.call("POST", "/api/v1/executions", {"kind": "probe.append", "args": {"key": "late"}})["id"]
    end = time.monotonic() + 2
    while time.monotonic() < end:
        if node.call("GET", f"/api/v1/executions/{late}")["state"] != "waiting":
            sys.exit("a job ran in maintenance")
        time.sleep(0.1)
    expect("effects meanwhile", len(effects(node)), 0)
    expect("maintenance off", "maintenance is off" in node.cli("maintenance", "off"), True)
    wait_until("all jobs ended", lambda: not node.probe_jobs_open())
    expect("effects after it", len(effects(node)), 21)
    node.stop()


if __name__ == "__main__":
    run_case(__doc__, {"people": people, "editors": editors, "stream": stream, "maintenance": maintenance})
