"""Calls that go on at a node while a test does something else to it, none of which may fail."""
import base64
import hashlib
import hmac
import itertools
import threading
import time
import urllib.request

from queue_test import append, expect
from real_node import wait_until


class Load:
    """Calls to a node, made again and again until `stop`, each by a thread of its own. A call that fails is noted."""

    def __init__(self, **calls):
        self.ended, self.failures = threading.Event(), []
        self.turns = dict.fromkeys(calls, 0)
        self.threads = [threading.Thread(target=self.repeat, args=each) for each in calls.items()]
        for each in self.threads:
            each.start()

    def repeat(self, what, call):
        while not self.ended.is_set():
            try:
                call()
                self.turns[what] += 1
            except (Exception, SystemExit) as problem:  # wait_until gives up by the latter
                self.failures.append(f"{what}, turn {self.turns[what] + 1}: {problem!r}")
                return

    def reach(self, turns):
        """Waits until each of the calls was made so often from now on, or one failed."""
        wanted = {what: done + turns for what, done in self.turns.items()}
        wait_until(f"{turns} turns of each", lambda: self.failures or
                   all(self.turns[what] >= count for what, count in wanted.items()))

    def stop(self):
        self.ended.set()
        for each in self.threads:
            each.join()


def appends(node, made):
    """A call that enqueues appends with keys of their own; `made` gets those that were answered."""
    def call():
        keys = [f"k{len(made) + i}" for i in range(50)]
        node.call("POST", "/api/v1/executions", [append(key) for key in keys], timeout=60)
        made.extend(keys)
    return call


def under_load(work, **calls):
    """What `work` gives, done while the calls go on. None of them may fail."""
    load = Load(**calls)
    try:
        load.reach(3)
        done = work(load)
    finally:
        load.stop()
    print("turns:", load.turns)
    expect("calls that failed meanwhile", load.failures, [])
    return done


def signed_delivery(webhook):
    """A call that sends a webhook, signed with the key that its integration was given."""
    path = "/webhooks" + webhook["url"].partition("/webhooks")[2]
    key, numbers = base64.b64decode(webhook["signing_secret"].removeprefix("whsec_")), itertools.count()

    def call(node):
        name, at, body = f"msg_{next(numbers)}", str(int(time.time())), b"{}"
        code = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
        request = urllib.request.Request(f"http://127.0.0.1:{node.port}{path}", body, {
            "webhook-id": name, "webhook-timestamp": at, "webhook-signature": "v1," + base64.b64encode(code).decode()})
        urllib.request.urlopen(request, timeout=30).close()  # anything but 2xx is an error
    return call
