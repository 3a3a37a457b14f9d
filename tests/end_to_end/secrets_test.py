#!/usr/bin/env python3
"""Known secrets are planted in every place that holds one; then a node syncs, fails and refuses, and they are looked for in
all that it says and keeps.

  secrets_test.py nowhere --programs DIR

Prints where it looked; exits 0 only if they are nowhere.
"""
import http.server
import json
import pathlib
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

from queue_test import PROBE, enqueue, expect, wait_for
from real_node import Node, run_case, wait_until

CLIENT, CODE, WRONG, DATABASE, PLACE, USER, QUERY = (
    f"planted{name}7c1f" for name in ("client", "code", "wrong", "database", "config", "user", "query"))


class Provider:
    """Monzo as far as a sync needs it. It gives tokens that the test knows, and says them again in all that fails."""

    def __init__(self):
        self.tokens, self.status, provider = [], 200, self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body):
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

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

            def log_message(self, *_):
                pass

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


def consent(node, account):
    """Opens the one-time link as a browser would, and comes back with a code. Where it was sent to."""
    link = next(w for w in node.cli("integrations", "authorize", account, "--no-wait").split() if w.startswith("http"))
    try:
        urllib.request.build_opener(NoRedirect).open(link, timeout=10)
    except urllib.error.HTTPError as sent:
        where = sent.headers["Location"]
    state = urllib.parse.parse_qs(urllib.parse.urlparse(where).query)["state"][0]
    urllib.request.urlopen(f"http://127.0.0.1:{node.port}/oauth/monzo/callback?" +
                           urllib.parse.urlencode({"code": CODE, "state": state}), timeout=30).close()
    return link.partition("link=")[2].partition("&")[0], state


def raw(node, path, token=None, method="GET", body=None):
    """The whole answer, whatever it is, with its headers."""
    admin = (node.folder / "data" / "admin.token").read_text().strip()
    request = urllib.request.Request(f"http://127.0.0.1:{node.port}{path}", method=method, data=body,
                                     headers={"Authorization": f"Bearer {token or admin}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(answer.headers) + answer.read().decode()
    except urllib.error.HTTPError as refused:
        return str(refused.headers) + refused.read().decode()


def fails(node, *words, config=None):
    done = subprocess.run([node.programs / "penstock", "--config", config or node.config, *map(str, words)], timeout=60,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


def nowhere(options, folder):
    folder, provider = pathlib.Path(folder), Provider()
    node = Node(options.programs, folder / "node", PROBE + provider.settings())
    node.config.write_text(node.config.read_text().replace('level = "warn"', 'level = "debug"'))
    node.start()
    said = {}

    # Tokens of our own, good and bad, in headers, paths and bodies.
    bearer = node.cli("token", "create", "--role", "operator", "--name", "hands").strip()
    said["a refused token"] = raw(node, "/api/v1/queues", WRONG) + raw(node, f"/api/v1/{WRONG}", WRONG, "POST", b"{")
    said["a good token"] = raw(node, "/api/v1/tokens", bearer) + raw(node, "/api/v1/queues", bearer)

    # A consent, a sync, then every kind of failure.
    account = node.call("POST", "/api/v1/integrations", {"service": "monzo", "name": "account of mine"})["id"]
    link, state = consent(node, account)
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
            consent(node, account)
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

    ids = [each["id"] for each in node.call("GET", "/api/v1/executions?limit=200")["items"]]
    for path in ("/api/v1/executions?limit=200", "/api/v1/events?limit=200", "/api/v1/audit?limit=200", "/api/v1/tokens",
                 "/api/v1/integrations", f"/api/v1/integrations/{account}", f"/api/v1/integrations/{account}/runs",
                 f"/api/v1/integrations/{account}/cursors", "/api/v1/queues", "/api/v1/schedules", "/api/v1/node",
                 "/api/openapi.json", "/readyz", *(f"/api/v1/executions/{id}/{what}" for id in ids for what in ("logs", "exchanges"))):
        said["GET " + path] = raw(node, path)
    said["doctor"] = fails(node, "doctor") + fails(node, "doctor", "--json")
    said["keys rotate"] = fails(node, "keys", "rotate")
    said["backup"] = fails(node, "backup", folder / "copy")

    # Configurations that are refused.
    broken = folder / "broken.toml"
    broken.write_text(f'[node]\ndata_dir = "{folder}/other"\n[connectors.monzo]\nclient_secret = ["{PLACE}"]\n'
                      f'client_id = 5\nsecret = "{PLACE}"\n')
    said["check-config"] = fails(node, "check-config", config=broken)
    for url in (f"postgresql://someone:{DATABASE}@127.0.0.1:1/db", f"postgresql://someone:{DATABASE}@[/db"):
        broken.write_text(f'[node]\ndata_dir = "{folder}/other"\n[database]\nurl = "{url}"\n')
        said["serve " + url.replace(DATABASE, "…")] = fails(node, "serve", config=broken) + fails(node, "doctor", config=broken)
        said["move " + url.replace(DATABASE, "…")] = fails(node, "migrate-database", "--to", url)

    admin, key = ((node.folder / "data" / name).read_text().split()[0] for name in ("admin.token", "secrets.key"))
    node.stop()
    said["the log"] = (node.folder / "node.log").read_text(errors="replace")
    for file in (node.folder / "data").iterdir():
        if file.name not in ("admin.token", "secrets.key"):
            said[f"file {file.name}"] = file.read_bytes().decode("latin-1")
    said["the backup"] = (folder / "copy").read_bytes().decode("latin-1")

    planted = {"client secret": CLIENT, "code": CODE, "wrong token": WRONG, "database password": DATABASE,
               "configured secret": PLACE, "admin token": admin, "key": key, "bearer token": bearer, "one-time link": link,
               **{f"provider token {n}": token for n, token in enumerate(provider.tokens)}}
    expect("provider tokens that were given", len(provider.tokens) >= 4, True)
    found = sorted(f"{name} in {where}" for name, secret in planted.items() for where, text in said.items() if secret in text
                   # What a caller puts into an address is told in the answer to that caller alone.
                   and not (name == "wrong token" and where == "a refused token"))
    # Arguments of a job are the caller's own and kept as they are; what is made of them is not.
    found += sorted(f"{name} in {where}" for name, secret in (("user info", USER), ("query string", QUERY))
                    for where, text in said.items() if secret in text and "executions?" not in where and
                    not where.startswith(("file ", "the backup")))
    kept = node.rows("SELECT url, COALESCE(request_body, '') || COALESCE(response_body, '') FROM http_exchanges") + \
        node.rows("SELECT message, '' FROM job_errors UNION ALL SELECT message, '' FROM job_logs UNION ALL SELECT data, '' "
                  "FROM events UNION ALL SELECT COALESCE(result, ''), '' FROM jobs")
    found += [f"{name} in what is kept of a request" for name, secret in (("user info", USER), ("query string", QUERY))
              for row in kept if any(secret in text for text in row)]
    print(f"looked for {len(planted) + 2} secrets in {len(said)} places of {sum(map(len, said.values()))} bytes")
    # What may be told is found, so the search would find the rest.
    expect("where the integration's name is", sorted(where for where, text in said.items() if "account of mine" in text and
                                                     where in ("GET /api/v1/integrations", "the backup")),
           ["GET /api/v1/integrations", "the backup"])
    expect("found", found, [])


if __name__ == "__main__":
    run_case(__doc__, {"nowhere": nowhere})
