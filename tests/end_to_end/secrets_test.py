#!/usr/bin/env python3
"""Known secrets are planted in every place that holds one; then a node syncs, fails and refuses, and they are looked for in
all that it says and keeps.

  secrets_test.py nowhere  --programs DIR   of providers: tokens, consents, requests, configurations that are refused
  secrets_test.py settings --programs DIR   of the configuration and of people: see secret_settings.py

Prints where it looked; exits 0 only if they are nowhere.
"""
import http.server
import json
import pathlib
import re
import threading
import urllib.error
import urllib.parse
import urllib.request

from queue_test import PROBE, enqueue, expect, wait_for
from real_node import Node, run_case, wait_until
from secret_peers import JsonHandler
from secret_search import Search, command, raw
from secret_settings import settings

CLIENT, CODE, WRONG, DATABASE, PLACE, USER, QUERY = (
    f"planted{name}7c1f" for name in ("client", "code", "wrong", "database", "config", "user", "query"))


class Provider:
    """Monzo as far as a sync needs it. It gives tokens that the test knows, and says them again in all that fails."""

    def __init__(self):
        self.tokens, self.status, provider = [], 200, self

        class Handler(JsonHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                number = len(provider.tokens) // 2
                pair = [f"plantedaccess{number}9e2d", f"plantedrefresh{number}9e2d"]
                provider.tokens += pair
                self.answer(200, {"access_token": pair[0], "refresh_token": pair[1], "expires_in": 3600,
                                  "token_type": "Bearer", "user_id": "user_1"})

            def do_GET(self):
                if provider.status != 200:
                    sent = self.headers.get("Authorization", "")
                    return self.answer(provider.status, {"code": "refused", "message": f"{sent} is no good",
                                                         "access_token": sent.split()[-1] if sent else ""})
                path = self.path.partition("?")[0]
                self.answer(200, {"accounts": [], "transactions": [], "pots": [], "balance": 0, "authenticated": True}
                            if path != "/big" else {"authorization": self.headers.get("Authorization", "")})

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def settings(self):
        return (f'[connectors.monzo]\nbase_url = "{self.base}"\nauth_url = "{self.base}/authorize"\n'
                f'client_id = "client"\nclient_secret = "{CLIENT}"\n')


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def consent(node, account, search):
    """Opens the one-time link as a browser would, and comes back with a code."""
    link = next(w for w in node.cli("integrations", "authorize", account, "--no-wait").split() if w.startswith("http"))
    try:
        urllib.request.build_opener(NoRedirect).open(link, timeout=10)
    except urllib.error.HTTPError as sent:
        where = sent.headers["Location"]
    state = urllib.parse.parse_qs(urllib.parse.urlparse(where).query)["state"][0]
    urllib.request.urlopen(f"http://127.0.0.1:{node.port}/oauth/monzo/callback?" +
                           urllib.parse.urlencode({"code": CODE, "state": state}), timeout=30).close()
    number = sum(name.startswith("state") for name in search.planted) + 1
    search.plant(f"one-time link {number}", link.partition("link=")[2].partition("&")[0])
    search.plant(f"state {number}", state)


def nowhere(options, folder):
    folder, provider = pathlib.Path(folder), Provider()
    node = Node(options.programs, folder / "node", PROBE + provider.settings())
    node.config.write_text(node.config.read_text().replace('level = "warn"', 'level = "debug"'))
    node.start()
    search = Search(node)
    said = search.said
    for name, secret in (("client secret", CLIENT), ("code", CODE), ("wrong token", WRONG), ("database password", DATABASE),
                         ("configured secret", PLACE), ("user info", USER), ("query string", QUERY)):
        search.plant(name, secret)

    # Tokens of our own, good and bad, in headers, paths and bodies.
    bearer = search.plant("bearer token", node.cli("token", "create", "--role", "operator", "--name", "hands").strip())
    said["a refused token"] = raw(node, "/api/v1/queues", WRONG) + raw(node, f"/api/v1/{WRONG}", WRONG, "POST", b"{")
    said["a good token"] = raw(node, "/api/v1/tokens", bearer) + raw(node, "/api/v1/queues", bearer)

    # A consent, a sync, then every kind of failure.
    account = node.call("POST", "/api/v1/integrations", {"service": "monzo", "name": "account of mine"})["id"]
    consent(node, account, search)
    shown = lambda: node.call("GET", f"/api/v1/integrations/{account}")
    wait_until("it is synced", lambda: shown()["status"] in ("idle", "failed"))
    for status in (401, 403, 400, 404):
        provider.status = status
        try:
            node.call("POST", f"/api/v1/integrations/{account}/fetch", {"force": True})
        except urllib.error.HTTPError as refused:
            said[f"a fetch after {status}"] = refused.read().decode()
        wait_until("its sync has ended", lambda: shown()["status"] != "processing")
        if shown()["status"] == "requires_reauth":
            provider.status = 200
            consent(node, account, search)
            wait_until("it works again", lambda: shown()["status"] == "idle")
    provider.status = 200

    # Requests that carry a credential, with bodies kept; and addresses that hold secrets themselves.
    calls = [enqueue(node, "probe.call", {"url": f"{provider.base}/{path}", "credential": account}, keep_bodies=True)["id"]
             for path in ("big", "x")]
    provider_down = enqueue(node, "probe.call", {"url": "http://127.0.0.1:1/x", "credential": account}, max_attempts=1)["id"]
    secret_url = provider.base.replace("//", f"//someone:{USER}@") + f"/x?access_token={QUERY}&api_key={QUERY}"
    with_secrets = enqueue(node, "probe.call", {"url": secret_url}, max_attempts=1)["id"]
    for id in calls:
        wait_for(node, id, "completed")
    for id in (provider_down, with_secrets):
        wait_until("it has ended", lambda: node.call("GET", f"/api/v1/executions/{id}")["state"] in ("completed", "failed"))

    # Configurations that are refused.
    broken = folder / "broken.toml"
    broken.write_text(f'[node]\ndata_dir = "{folder}/other"\n[connectors.monzo]\nclient_secret = ["{PLACE}"]\n'
                      f'client_id = 5\nsecret = "{PLACE}"\n')
    said["check-config"] = command(node, "check-config", config=broken)
    for url in (f"postgresql://someone:{DATABASE}@127.0.0.1:1/db", f"postgresql://someone:{DATABASE}@[/db"):
        broken.write_text(f'[node]\ndata_dir = "{folder}/other"\n[database]\nurl = "{url}"\n')
        said["serve " + url.replace(DATABASE, "…")] = command(node, "serve", config=broken) + command(node, "doctor", config=broken)
        said["move " + url.replace(DATABASE, "…")] = command(node, "migrate-database", "--to", url)

    search.read_all(folder / "copy")
    expect("provider tokens that were given", len(provider.tokens) >= 4, True)
    for number, token in enumerate(provider.tokens):
        search.plant(f"provider token {number}", token)

    def may_be(name, where):
        if name == "wrong token":  # what a caller puts into an address is told in the answer to that caller alone
            return where == "a refused token"
        # Arguments of a job are the caller's own and kept as they are; what is made of them is not.
        return name in ("user info", "query string") and (
            re.fullmatch(r"GET /api/v1/executions(\?.*|/\d+)?", where) or where.startswith(("file ", "the backup")))

    found = search.found(may_be)
    # What may be told is found, so the search would find the rest.
    expect("where the integration's name is", sorted(where for where, text in said.items() if "account of mine" in text and
                                                     where in ("GET /api/v1/integrations", "the backup")),
           ["GET /api/v1/integrations", "the backup"])
    expect("found", found, [])


if __name__ == "__main__":
    run_case(__doc__, {"nowhere": nowhere, "settings": settings})
