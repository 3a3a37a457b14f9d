"""A real node of the built programs, for tests and benchmarks that drive it from outside."""
import argparse
import atexit
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

LIMIT = 180  # seconds: longest wait for anything


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, condition, limit=LIMIT):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    sys.exit(f"real_node: {what}: not within {limit} s")


class PostgreSQL:
    """A private server with an empty database, made for a folder; see scripts/private-postgresql."""

    script = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "private-postgresql"

    def __init__(self, folder, *settings):
        self.folder = str(folder)
        self.run("start", *settings)
        self.url = subprocess.run([self.script, "url", self.folder], check=True, capture_output=True, text=True).stdout.strip()

    def run(self, command, *words):
        subprocess.run([self.script, command, self.folder, *words], check=True, stdin=subprocess.DEVNULL)

    def rows(self, sql):
        told = subprocess.run(["psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", sql, self.url], check=True,
                              capture_output=True, text=True).stdout
        whole = lambda text: int(text) if text.lstrip("-").isdigit() else text
        return [tuple(whole(field) for field in line.split("\t")) for line in told.splitlines()]


def end_with_the_test(owner):
    """A test that fails leaves nothing running."""
    def end():
        if owner.process and owner.process.poll() is None:
            owner.process.kill()
    atexit.register(end)


class Node:
    """One data directory, and the process that serves it at the moment."""

    def __init__(self, programs, folder, settings="", name=None, server=None, environment=(), synchronous=None):
        self.programs = pathlib.Path(programs)
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.server = server
        self.port = free_port()
        self.config = self.folder / "penstock.toml"
        named = f'name = "{name}"\n' if name else ""
        database = f'url = "{server.url}"\n' if server else ""
        if synchronous:
            database += f'synchronous = "{synchronous}"\n'
        if database:
            database = "[database]\n" + database
        if server:  # nodes that share a database have one key file
            database += f'[secrets]\nkey_file = "{server.folder}.key"\n'
        self.config.write_text(
            f'[node]\ndata_dir = "{self.folder}/data"\n{named}{database}[http]\nlisten = "127.0.0.1:{self.port}"\n'
            # The providers of tests are on this machine.
            'allow_private_hosts = ["127.0.0.1"]\n'
            f'[log]\nlevel = "warn"\n{settings}')
        self.environment = {**os.environ, **dict(environment)}
        self.process = None
        end_with_the_test(self)
        self.log = open(self.folder / "node.log", "ab")

    def spawn(self):
        self.process = subprocess.Popen([self.programs / "penstock", "serve", "--config", self.config],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=self.environment)

    def start(self):
        self.spawn()
        wait_until("the node is ready", self.ready)

    def ready(self):
        if self.process.poll() is not None:
            sys.exit("real_node: the node ended by itself:\n" + (self.folder / "node.log").read_text()[-2000:])
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        status = self.process.wait(timeout=60)
        if status != 0:
            sys.exit(f"real_node: the node ended with {status}:\n" + (self.folder / "node.log").read_text()[-2000:])

    def call(self, method, path, body=None, timeout=10):
        token = (self.folder / "data" / "admin.token").read_text().strip()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.load(answer)

    def cli(self, *words, timeout=60):
        return subprocess.run([self.programs / "penstock", "--config", self.config, *words], timeout=timeout,
                              capture_output=True, text=True, check=True).stdout

    def rows(self, sql):
        if self.server:
            return self.server.rows(sql)
        with sqlite3.connect(f"file:{self.folder}/data/penstock.db?mode=ro", uri=True, timeout=30) as database:
            return database.execute(sql).fetchall()

    def probe_jobs_open(self):
        """Whether a job of the probe connector still waits or runs."""
        return self.rows("SELECT count(*) FROM v_jobs WHERE kind LIKE 'probe.%' AND state IN ('waiting', 'active')")[0][0]


class Sandbox:
    """The stand-in providers on a free port."""

    def __init__(self, programs, *options):
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [pathlib.Path(programs) / "penstock-sandbox", "--port", str(self.port), *map(str, options)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end_with_the_test(self)
        wait_until("the sandbox answers", lambda: self.totals() is not None)

    def totals(self):
        """What a faithful copy of the transactions holds: rows, and sums of amount by currency."""
        try:
            with urllib.request.urlopen(f"{self.base}/sandbox/totals", timeout=10) as answer:
                return json.load(answer)["monzo"]["tables"]["monzo_transactions"]
        except OSError:
            return None

    def settings(self, webhooks=False):
        """Without webhooks everything comes by the polls that a test asks for."""
        return (f'[connectors.monzo]\nbase_url = "{self.base}/monzo"\nauth_url = "{self.base}/monzo/authorize"\n'
                'client_id = "sandbox"\nclient_secret = "sandbox"\n'
                f'webhooks = {str(webhooks).lower()}\n')

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)


def add_monzo(node, name):
    """Adds an integration of the sandbox's Monzo and consents, which starts its first sync. Its id."""
    node.cli("integrations", "add", "monzo", "--name", name)
    account = json.loads(node.cli("integrations", "list", "--json"))["items"][0]["id"]
    link = next(w for w in node.cli("integrations", "authorize", account, "--no-wait").split() if w.startswith("http"))
    urllib.request.urlopen(link, timeout=30).close()
    return account


def run_case(description, cases):
    """The command line of a test with several cases: SCRIPT CASE --programs DIR. A case is called with the options and a
    folder of its own, and stops what it started, or gives it back, the sandbox before the node that calls it."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=cases)
    parser.add_argument("--programs", required=True, type=pathlib.Path, help="folder of penstock and penstock-sandbox")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix=f"penstock-{pathlib.Path(sys.argv[0]).stem}-") as folder:
        left = cases[options.case](options, folder) or ()
        for each in reversed(left if isinstance(left, tuple) else (left,)):
            if each:
                each.stop()
