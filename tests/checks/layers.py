#!/usr/bin/env python3
"""Refuses an include that runs against the order of the rooms.

A room includes only itself and rooms before it; beside that, each room has things that it never includes. Files beside
the rooms (tests, sandbox, bench) have rules of their own; no room includes them.
usage: layers.py PROJECT_FOLDER
"""
import re
from pathlib import PurePosixPath

from source_tree import CPP_SUFFIXES, main, project_files, text_of

ROOMS = ["core", "messages", "config", "storage", "net", "connectors", "actors", "gateway", "node"]
BESIDE = ["sandbox", "tests", "bench"]

# Libraries that only some rooms may see: (the headers or folders of headers, the rooms that may, why).
CONFINED = [
    (["caf"], {"messages/actors", "actors", "gateway", "node"},
     "CAF stays in messages/actors, actors/, gateway/ and node/"),
    (["soci", "sqlite3.h", "libpq-fe.h"], {"storage"}, "databases are reached through storage/ alone"),
    (["boost/asio", "boost/beast", "openssl/ssl.h", "sys/socket.h", "netdb.h", "curl"],
     {"net", "connectors", "actors", "gateway", "node"}, "rooms above net/ know no network"),
    (["CLI"], {"node"}, "the command line is node/'s"),
    (["gtest", "gmock", "benchmark"], set(), "no test library in the product"),
    (["fstream", "iostream", "filesystem", "thread", "condition_variable"], {*ROOMS, "messages/actors"} - {"core"},
     "core/ does no I/O and starts no threads"),
]
# Pairs that the order alone would allow.
NEVER = {
    ("net", "storage"): "net/ never includes storage/",
    ("gateway", "node"): "gateway/ never includes node/",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def room_of(parts):
    """The room that a path belongs to for the rules on libraries: messages/actors counts as one of its own."""
    return "messages/actors" if parts[:2] == ("messages", "actors") else parts[0]


def connector_of(parts):
    """The connector whose folder a path lies in, or None (also for connectors/testing, which all may test with)."""
    return parts[1] if parts[0] == "connectors" and len(parts) > 2 and parts[1] != "testing" else None


def is_test(parts):
    return parts[0] == "tests" or (parts[0] == "connectors" and ("tests" in parts or parts[1] == "testing"))


def judge_ours(source, target):
    """Why `source` may not include our file `target`, or None. Both are tuples of path parts."""
    home, goal = source[0], target[0]
    testing = is_test(source)
    if home == "tests":
        # tests/ROOM sees what ROOM sees; tests of the whole (end_to_end, simulation, ...) see everything.
        home = source[1] if source[1] in ROOMS else None
        if home is None or goal == "tests":
            return None
    if connector_of(source) and connector_of(target) and connector_of(source) != connector_of(target):
        return f"connector {connector_of(source)} includes connector {connector_of(target)}"
    if home == "bench":
        return None
    if home == "sandbox":
        return None if goal not in ("actors", "gateway", "node", "tests", "bench") else f"sandbox/ never includes {goal}/"
    if connector_of(source) and goal == "sandbox":
        # A connector's stand-in provider lives with it.
        return None if "sandbox" in source or testing else "only a connector's stand-in and its tests know the sandbox"
    if goal in BESIDE:
        return f"no room includes {goal}/"
    if goal not in ROOMS:
        return "not written from the top of the project, or third-party code in quotes"
    if ROOMS.index(goal) > ROOMS.index(home):
        return f"{goal}/ comes after {home}/"
    if (home, goal) in NEVER:
        return NEVER[home, goal]
    if target[:2] == ("messages", "actors") and not testing and home not in ("actors", "gateway", "node") \
            and source[:2] != ("messages", "actors"):
        return "messages/actors is for actors/, gateway/ and node/ alone"
    if target[:2] == ("connectors", "testing") and not testing:
        return "connectors/testing is for tests"
    if not connector_of(source) and connector_of(target) and not testing:
        return "only the connector itself includes its folder; others use connectors/*.hpp"
    return None


def judge_library(source, header):
    """Why `source` may not include the system header, or None."""
    if is_test(source) or source[0] in ("sandbox", "bench"):
        return None
    for names, rooms, why in CONFINED:
        if room_of(source) not in rooms and any(
                header in (name, name + ".hpp") or header.startswith(name + "/") for name in names):
            return why
    return None


def check(root):
    found = []
    for path in project_files(root, CPP_SUFFIXES):
        source = path.parts
        if source[0] not in ROOMS + BESIDE:
            continue
        text = text_of(root / path) or ""
        for match in INCLUDE.finditer(text):
            quote, target = match.groups()
            why = judge_ours(source, PurePosixPath(target).parts) if quote == '"' else judge_library(source, target)
            if why:
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: {target}: {why}")
    return found


if __name__ == "__main__":
    main(check, "includes against the order of the rooms")
