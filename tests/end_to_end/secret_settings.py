"""The case `settings` of secrets_test.py: secrets of the configuration and of people, each used rightly and wrongly."""
import base64
import hashlib
import hmac
import json
import pathlib
import time
import urllib.error

from edge_test import exchange
from queue_test import PROBE, enqueue, expect
from real_node import Node, wait_until
from secret_peers import Repeater, RefusingProxy
from secret_search import Search, command, forms, raw

# What the configuration holds, by name.
SET = {name: f"planted{name.replace(' ', '')}5d3a" for name in (
    "header token", "query token", "basic token", "form client", "basic client", "proxy password", "sentry key",
    "probe secret", "apple secret")}
OWN, FIRST, SECOND, TYPED, NAMED, WRONG, SIGNING = (
    f"planted{name}4e8b" for name in ("own", "firstpassword", "secondpassword", "typedpassword", "givenpassword", "wrongsecret",
                                      "signingkeyofthirtytwobytes"))


def configured(peer, proxy):
    shop = lambda name, auth: (f'[connectors.http_json.{name}]\nbase_url = "{peer.base}"\nlist_path = "/items"\nlist = "items"\n'
                               f'paging = "none"\nfields = ["title"]\ntable = "{name}_items"\n{auth}\n')
    client = lambda secret, way: (f'auth = "client_credentials"\ntoken_url = "{peer.base}/token"\nclient_id = "client"\n'
                                  f'client_secret = "{secret}"\nclient_auth = "{way}"')
    return (f'outgoing_proxy = "http://someone:{SET["proxy password"]}@{proxy.address}"\n',
            PROBE + f'webhook_signature = "standard"\nwebhook_secret = "{SET["probe secret"]}"\n'
            f'[sentry]\ndsn = "http://{SET["sentry key"]}@{peer.address}/42"\nrepeat_after = "0s"\n' +
            shop("by_header", f'auth = "header"\nauth_name = "X-Api-Key"\ntoken = "{SET["header token"]}"') +
            shop("by_query", f'auth = "query"\nauth_name = "api_key"\ntoken = "{SET["query token"]}"') +
            shop("by_basic", f'auth = "basic"\ntoken = "someone:{SET["basic token"]}"') +
            shop("of_its_own", 'auth = "bearer"') +
            shop("by_form", client(SET["form client"], "body")) + shop("by_client", client(SET["basic client"], "basic")))


def sync_and_fail(node, peer, search):
    """Lists of every kind of token: read, then refused with what was sent."""
    services = ("by_header", "by_query", "by_basic", "of_its_own", "by_form", "by_client")
    ids = {name: node.call("POST", "/api/v1/integrations", {"service": name, "name": f"list {name}"})["id"] for name in services}
    search.hear("a token that cannot be", raw(node, f"/api/v1/integrations/{ids['of_its_own']}/token", method="POST",
                                              body=json.dumps({"token": OWN + "\n"}).encode()))
    search.hear("a token that none takes", raw(node, f"/api/v1/integrations/{ids['by_header']}/token", method="POST",
                                               body=json.dumps({"token": OWN}).encode()))
    give = lambda: search.hear("a token", raw(node, f"/api/v1/integrations/{ids['of_its_own']}/token", method="POST",
                                              body=json.dumps({"token": OWN}).encode()))
    give()

    def fetch(which, outcome):
        for name in which:
            search.hear(f"a fetch {outcome}", raw(node, f"/api/v1/integrations/{ids[name]}/fetch", method="POST",
                                                  body=b'{"force": true}'))
        shown = lambda: {name: node.call("GET", f"/api/v1/integrations/{ids[name]}")["status"] for name in which}
        wait_until(f"each is {outcome}", lambda: "processing" not in shown().values())
        return shown()

    expect("lists that are read", fetch(services, "read"), dict.fromkeys(services, "idle"))
    for status in (400, 401, 403):
        peer.status = status
        peer.grants = status != 401
        print(f"after {status}: {fetch(services, f'refused with {status}')}")
        for name in services:
            command(node, "integrations", "resume", ids[name])
        give()
        wait_until("nothing runs", lambda: not node.call("GET", "/api/v1/executions?state=active")["items"])
    peer.status, peer.grants = 200, True
    calls = [{"url": "https://provider.example/x"}, *({"url": f"{peer.base}/{n}", "credential": ids["of_its_own"]} for n in "ab")]
    jobs = [enqueue(node, "probe.call", args, keep_bodies=True, max_attempts=1)["id"] for args in calls]
    for id in jobs:
        wait_until("it has ended", lambda: node.call("GET", f"/api/v1/executions/{id}")["state"] in ("completed", "failed"))


def sign_in(node, search):
    """People, their passwords and their sessions."""
    origin = {"Origin": f"http://127.0.0.1:{node.port}"}
    post = lambda path, body, method="POST", headers=(): exchange(node, method, path, body, {**origin, **dict(headers)})
    admin = {"Authorization": f"Bearer {(node.folder / 'data/admin.token').read_text().strip()}"}
    kept = lambda where, answer: search.hear(where, json.dumps([answer[0], answer[2]])) or answer
    expect("a user", kept("a new user", post("/api/v1/users", {"name": "anna", "password": FIRST, "role": "operator"},
                                             headers=admin))[0], 201)
    kept("a user again", post("/api/v1/users", {"name": "anna", "password": SECOND, "role": "operator"}, headers=admin))
    kept("a user with a key", post("/api/v1/users", {"name": "eve", "password": SECOND, "role": "operator"},
                                   headers={**admin, "Idempotency-Key": "once"}))
    kept("a user with a field too many", post("/api/v1/users", {"name": "eve", "passwort": SECOND, "role": 5}, headers=admin))
    search.hear("user add", command(node, "user", "add", "ben", "--role", "viewer", given=TYPED + "\n"))
    search.hear("user change", command(node, "user", "change", "ben", "--password", given=NAMED + "\n"))
    kept("a wrong password", post("/api/v1/session", {"name": "anna", "password": WRONG}))
    signed_in = kept("signing in", post("/api/v1/session", {"name": "anna", "password": FIRST}))
    expect("signing in", signed_in[0], 201)
    cookie = {"Cookie": signed_in[1]["Set-Cookie"].split(";")[0]}
    search.plant("session cookie", cookie["Cookie"].partition("=")[2])
    kept("a session", exchange(node, "GET", "/api/v1/session", headers=cookie))
    kept("from another page", exchange(node, "POST", "/api/v1/queues/default/pause", {}, {**cookie, "Origin": "https://a.example"}))
    expect("a new password", kept("a new password", post("/api/v1/session", {"password": FIRST, "new_password": SECOND}, "PATCH",
                                                         cookie))[0], 204)
    kept("a session that is none", exchange(node, "GET", "/api/v1/session", headers={"Cookie": f"penstock_session={WRONG}"}))
    stored = node.rows("SELECT hash FROM user_sessions")
    return {"the session": [row[0] for row in stored] == [hashlib.sha256(search.planted["session cookie"].encode()).hexdigest()],
            "the passwords": {row[0].split("$")[1] for row in node.rows("SELECT password_hash FROM users")} == {"argon2id"}}


def deliver(node, search):
    """Webhooks: secrets that the node draws, that it is given, and that the configuration holds."""
    made = node.call("POST", "/api/v1/integrations", {"service": "probe", "name": "hooks"})
    search.hear("a hook with a key", raw(node, "/api/v1/integrations", method="POST", headers={"Idempotency-Key": "twice"},
                                         body=b'{"service": "probe", "name": "with a key"}'))
    other = node.call("POST", "/api/v1/integrations", {"service": "apple_health", "name": "phone"})
    given = "whsec_" + base64.b64encode(SIGNING.encode()).decode()
    webhooks = [made["webhook"], node.call("POST", f"/api/v1/integrations/{made['id']}/webhook-secret", {}),
                node.call("POST", f"/api/v1/integrations/{made['id']}/webhook-secret", {"signing_secret": given}), other["webhook"]]
    search.plant("given signing secret", given.removeprefix("whsec_").rstrip("="))
    for number, each in enumerate(webhooks):
        secret = search.plant(f"webhook secret {number}", each["url"].rpartition("/")[2])
        if each.get("signing_secret"):
            search.plant(f"signing secret {number}", each["signing_secret"].removeprefix("whsec_").rstrip("="))
        service = each["url"].split("/")[-2]
        for headers in ({}, {"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": f"v1,{WRONG}"}):
            for path, more in ((f"/{secret}", {}), ("", {"X-Webhook-Secret": secret}), (f"/{WRONG}", {}), ("", {"api-key": WRONG}),
                               (f"/{secret}/more", {}), (f"/{secret}?token={secret}", {}), (f"//{secret}", {})):
                search.hear("deliveries", raw(node, f"/webhooks/{service}{path}", WRONG, "POST", b"{}", {**headers, **more}))
    at = str(int(time.time()))
    code = base64.b64encode(hmac.new(SIGNING.encode(), f"m.{at}.".encode() + b"{}", hashlib.sha256).digest()).decode()
    signed = {"webhook-id": "m", "webhook-timestamp": at, "webhook-signature": f"v1,{code}"}
    path = f"/webhooks/probe/{search.planted['webhook secret 2']}"
    expect("a signed delivery", "job_id" in raw(node, path, WRONG, "POST", b"{}", signed), True)
    for service in ("probe", "apple_health"):
        secret = SET[f"{service.partition('_')[0]} secret"]
        told = raw(node, f"/webhooks/{service}", WRONG, "POST", b"{}", {"X-Webhook-Secret": secret}) + \
            raw(node, f"/webhooks/{service}/{secret}", WRONG, "POST", b"{}", signed)
        search.hear("deliveries", told)
    expect("the secret of the environment serves", "job_id" in told, True)
    search.hear("shown", command(node, "integrations", "show", made["id"]) + command(node, "integrations", "list", "--json"))
    hashes = {hashlib.sha256(search.planted[f"webhook secret {n}"].encode()).hexdigest() for n in (2, 3)}
    stored = node.rows("SELECT hash, signing_key FROM webhook_addresses")
    return {"the webhooks' secrets": hashes <= {row[0] for row in stored},
            "the signing keys": all(row[1] is None or row[1].startswith("v1:") for row in stored),
            "the tokens": all(row[0].startswith("v1:") for row in node.rows("SELECT body FROM credentials"))}


def misconfigure(node, folder, search):
    """Each setting that holds a secret, with a mistake in it."""
    broken = folder / "broken.toml"
    table = "[connectors.http_json.x]\nbase_url = 'https://a.example'\nlist = 'items'\nlist_path = '/x'\npaging = 'none'\ntable = 'x'\n"
    for what, lines in {
            "proxy": f'[http]\noutgoing_proxy = "http://someone:{SET["proxy password"]}@[/"\n',
            "proxy as number": f'[http]\noutgoing_proxy = ["{SET["proxy password"]}"]\n',
            "dsn": f'[sentry]\ndsn = "https://{SET["sentry key"]}@"\n',
            "dsn elsewhere": f'[log]\ndsn = "https://{SET["sentry key"]}@sentry.example/1"\n',
            "token": table + f'auth = "header"\ntoken = ["{SET["header token"]}"]\n',
            "token with a line break": table + f'auth = "bearer"\ntoken = "{SET["header token"]}\\n"\n',
            "basic": table + f'auth = "basic"\ntoken = "{SET["basic token"]}"\n',
            "client": table + f'auth = "client_credentials"\ntoken_url = 5\nclient_secret = {{ a = "{SET["form client"]}" }}\n',
            "a key misspelt": table + f'auth = "bearer"\ntokn = "{SET["header token"]}"\n',
            "no toml": f'[http]\noutgoing_proxy = "http://someone:{SET["proxy password"]}@a" x\n',
            "hooks": f'[connectors.apple_health]\nwebhook_secret = ["{SET["apple secret"]}"]\n'}.items():
        broken.write_text(f'[node]\ndata_dir = "{folder}/other"\n{lines}')
        for words in (("check-config",), ("serve",), ("doctor",)):
            said = command(node, *words, config=broken)
            search.hear(f"{words[0]} with a mistake", said)
        expect(f"{what} is told", "broken.toml" in said, True)
    search.hear("serve with a mistake", command(node, "serve", environment={
        "PENSTOCK_SENTRY__DSN": SET["sentry key"], "PENSTOCK_HTTP__OUTGOING_PROXY": f"ftp://a:{SET['proxy password']}@b"}))


def settings(options, folder):
    folder, peer, proxy = pathlib.Path(folder), Repeater(), RefusingProxy()
    http, rest = configured(peer, proxy)
    node = Node(options.programs, folder / "node", rest, environment={"APPLE_HEALTH_WEBHOOK_SECRET": SET["apple secret"]})
    node.config.write_text(node.config.read_text().replace('level = "warn"', 'level = "debug"').replace("[log]", http + "[log]", 1))
    node.start()
    search = Search(node)
    for name, secret in SET.items():
        search.plant(name, secret)
    for name, secret in {"own token": OWN, "password": FIRST, "second password": SECOND, "typed password": TYPED,
                         "changed password": NAMED, "wrong secret": WRONG, "signing key": SIGNING}.items():
        search.plant(name, secret)
    sync_and_fail(node, peer, search)
    stored = {**sign_in(node, search), **deliver(node, search)}
    misconfigure(node, folder, search)
    expect("kept as hash or sealed", stored, dict.fromkeys(stored, True))
    wait_until("Sentry was told", lambda: len(peer.envelopes) > 2)
    search.read_all(folder / "copy")
    for number, token in enumerate(peer.granted):
        search.plant(f"granted token {number}", token)

    sent = "".join(peer.seen + proxy.seen)
    arrived = [name for name in (*SET, "own token") if any(form in sent for form in forms(search.planted[name]))]
    expect("secrets that reached their peer", arrived, [*(n for n in SET if n not in ("probe secret", "apple secret")), "own token"])
    expect("tokens that were granted", len(peer.granted) >= 2, True)
    search.hear("what Sentry was told", "".join(peer.envelopes))
    expect("where a list's name is", sorted(where for where, text in search.said.items() if "list by_query" in text and where in
                                            ("GET /api/v1/integrations", "the backup")), ["GET /api/v1/integrations", "the backup"])
    expect("found", search.found(), [])
