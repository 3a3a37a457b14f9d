"""Looks for planted secrets in all that a node says and keeps."""
import base64
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request


def forms(secret):
    """A secret as it stands in texts: plain, and inside of base64 whatever comes before and behind it."""
    plain = secret.encode()
    encoded = [base64.b64encode(bytes(before) + plain)[before + (before > 0):].rstrip(b"=")[:-1].decode() for before in range(3)]
    return [secret, *encoded, urllib.parse.quote(secret, safe="")]


def raw(node, path, token=None, method="GET", body=None, headers=()):
    """The whole answer, whatever it is, with its headers."""
    admin = (node.folder / "data" / "admin.token").read_text().strip()
    request = urllib.request.Request(f"http://127.0.0.1:{node.port}{path}", method=method, data=body,
                                     headers={"Authorization": f"Bearer {token or admin}", **dict(headers)})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(answer.headers) + answer.read().decode()
    except urllib.error.HTTPError as refused:
        return str(refused.headers) + refused.read().decode()


def command(node, *words, config=None, given="", environment=()):
    """All that a command says, whether it fails or not."""
    done = subprocess.run([node.programs / "penstock", "--config", config or node.config, *map(str, words)], timeout=60,
                          capture_output=True, text=True, input=given, env={**node.environment, **dict(environment)})
    return done.stdout + done.stderr


def listed(node, path, key="id"):
    return [each[key] for each in node.call("GET", path)["items"]]


def all_paths(node):
    """Every address that can be read, with the ids and names of all that there is."""
    filled = {f"/api/v1/{name}/": listed(node, f"/api/v1/{name}?limit=200" if name == "executions" else f"/api/v1/{name}", key)
              for name, key in (("executions", "id"), ("integrations", "id"), ("users", "id"), ("tokens", "id"),
                                ("organisations", "id"), ("queues", "name"), ("schedules", "name"))}
    described = node.call("GET", "/api/openapi.json")["paths"]
    for path, operations in sorted(described.items()):
        head, opening, rest = path.partition("{")
        if "get" not in operations or path.endswith("/stream"):  # which never ends
            continue
        if not opening:
            yield path + ("?limit=200" if path in ("/api/v1/executions", "/api/v1/events", "/api/v1/audit") else "")
        for name in filled.get(head, ()):
            yield head + urllib.parse.quote(name) + rest.partition("}")[2]
    yield from ("/", "/readyz", "/api/openapi.json")


class Search:
    def __init__(self, node):
        self.node, self.said, self.planted = node, {}, {}

    def plant(self, name, secret):
        self.planted[name] = secret
        return secret

    def hear(self, where, text):
        self.said[where] = self.said.get(where, "") + text

    def read_all(self, copy):
        """What the node answers and keeps; at the end it is stopped, and `copy` is a backup of it."""
        node = self.node
        key = lambda: (node.folder / "data" / "secrets.key").read_text().split()[0]
        for path in all_paths(node):
            self.hear("GET " + path, raw(node, path))
        for words in (("doctor",), ("doctor", "--json"), ("check-config",), ("integrations", "list"), ("user", "list"),
                      ("token", "list"), ("queue", "failed")):
            self.hear("penstock " + " ".join(words), command(node, *words))
        self.plant("key of before the rotation", key())
        self.hear("keys rotate", command(node, "keys", "rotate"))
        self.plant("key", key())
        self.plant("admin token", (node.folder / "data" / "admin.token").read_text().strip())
        self.hear("backup", command(node, "backup", copy))
        node.stop()
        self.hear("the log", (node.folder / "node.log").read_text(errors="replace"))
        for file in (node.folder / "data").iterdir():
            if file.name not in ("admin.token", "secrets.key"):
                self.hear(f"file {file.name}", file.read_bytes().decode("latin-1"))
        self.hear("the backup", copy.read_bytes().decode("latin-1"))
        for what, sql in (("exchanges", "SELECT url, request_body, response_body FROM http_exchanges"),
                          ("errors", "SELECT message FROM job_errors UNION ALL SELECT message FROM row_errors"),
                          ("logs", "SELECT message FROM job_logs"), ("events", "SELECT data FROM events"),
                          ("results", "SELECT result FROM jobs"), ("audit", "SELECT before_json, after_json FROM audit_log")):
            self.hear(f"stored {what}", json.dumps(node.rows(sql)))

    def found(self, exempt=lambda name, where: False):
        """Where a planted secret stands that must not."""
        print(f"looked for {len(self.planted)} secrets in {len(self.said)} places of {sum(map(len, self.said.values()))} bytes")
        return sorted(f"{name} in {where}" for name, secret in self.planted.items() for where, text in self.said.items()
                      if any(form in text for form in forms(secret)) and not exempt(name, where))
