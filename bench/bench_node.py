"""What the benchmarks of whole nodes have in common: their options, and for each round a node on a database of its own."""
import argparse
import contextlib
import json
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "end_to_end"))
from real_node import Node, PostgreSQL  # noqa: E402

SERVER_SETTINGS = ["shared_buffers=512MB"]


def parser_of(description, rounds=5):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True, help="folder of the release programs")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--synchronous", choices=("full", "normal"), default="full")
    parser.add_argument("--postgresql", action="store_true", help="on a private server instead of SQLite")
    parser.add_argument("--folder", default="/var/tmp", help="where databases are made: a real disk")
    return parser


@contextlib.contextmanager
def new_node(options, settings=""):
    """A node that was not started yet."""
    os.environ["TMPDIR"] = options.folder  # where a private server's files lie
    with tempfile.TemporaryDirectory(prefix="penstock-bench-", dir=options.folder) as folder:
        server = PostgreSQL(pathlib.Path(folder) / "server", *SERVER_SETTINGS) if options.postgresql else None
        try:
            yield Node(options.programs, pathlib.Path(folder) / "node", settings, server=server,
                       synchronous=options.synchronous)
        finally:
            if server:
                server.run("stop")


def tell(options, number, workload, value, unit, **more):
    """One line of what a benchmark prints."""
    print(json.dumps({"workload": workload, "value": value, "unit": unit, **more,
                      "database": "postgresql" if options.postgresql else "sqlite", "synchronous": options.synchronous,
                      "round": number}), flush=True)
