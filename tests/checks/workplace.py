#!/usr/bin/env python3
"""Refuses what ties the project to the machine or the network that it was written on: paths of files that lie on this
machine outside the system's folders, paths that leave the repository, hosts that are nobody's business here.

usage: workplace.py PROJECT_FOLDER
"""
import ipaddress
import re
from pathlib import Path

from source_tree import main, project_files, text_of

# What every Linux has. Below the others (home, mnt, opt, srv, tmp, and whatever somebody made) lie people's own files.
SYSTEM_FOLDERS = {"bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin", "sys", "usr", "var"}

ALLOWED_HOSTS = {
    # examples (RFC 2606, RFC 6761)
    "example.com", "example.net", "example.org", "example", "invalid", "localhost", "test",
    # providers, as they document themselves
    "monzo.com",
    # standards
    "cloudevents.io", "ietf.org", "json-schema.org", "keepachangelog.com", "openapis.org", "opensource.org",
    "rfc-editor.org", "semver.org", "spdx.org", "unicode.org", "w3.org", "whatwg.org",
}
ALLOWED_NETWORKS = [ipaddress.ip_network(each) for each in (
    "0.0.0.0/32", "127.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "::/128", "::1/128", "2001:db8::/32")]

# Samples of what is refused: here a host that begins like an address names nobody's machine.
ADDRESS_SAMPLES = ("tests/end_to_end/hostile_test.py", "tests/fuzz/corpus/url/", "tests/net/outgoing_proxy_test.cpp",
                   "tests/net/url_guard_test.cpp", "tests/node/check_config_test.cpp")

# At least two names: one alone ("/api", "/data") may be anything. URLs are no paths.
ABSOLUTE_PATH = re.compile(r"(?<![\w.\-/}~$)>:*?\\%])/[A-Za-z_][\w.\-]*/[\w.\-]+")
LEAVING_PATH = re.compile(r"(?<![\w./%\-])(?:\.\./)+[\w\-][\w.\-]*")
URL_HOST = re.compile(r"(?<!\w)(?:https?|wss?|ftp|git|ssh)://(?:[^\s/\"'`@]*@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][\w.\-]*\w)")
BARE_HOST = re.compile(r"(?<![\w.\-])(?:[a-z0-9][a-z0-9\-]*\.)+(?:com|dev|io|net|org)\b(?![\w(])", re.IGNORECASE)


def is_of_this_machine(text):
    """Whether the path names something that lies here, and would not elsewhere."""
    path = Path(text)
    return path.parts[1] not in SYSTEM_FOLDERS and Path(*path.parts[:3]).exists()


def leaves(root, path, text):
    """Whether a relative path names something outside the project: seen from its file, or from the project's folder."""
    for base in (root / path.parent, root):
        target = (base / text).resolve()
        # Tests may speak of wrong paths, so that there it must lead to something of this machine.
        is_material = "tests" in path.parts or base == root
        is_own = target.exists() and target.parts[1] not in SYSTEM_FOLDERS
        if not target.is_relative_to(root) and (is_own or not is_material):
            return True
    return False


def is_allowed(host):
    host = host.lower().strip("[].")
    try:
        address = ipaddress.ip_address(host)
        return any(address.version == each.version and address in each for each in ALLOWED_NETWORKS)
    except ValueError:
        pass
    names = host.split(".")
    # A host without a dot is one of a test's own.
    return len(names) == 1 or any(".".join(names[i:]) in ALLOWED_HOSTS for i in range(len(names)))


def finds_of(root, path, text):
    for match in ABSOLUTE_PATH.finditer(text):
        if is_of_this_machine(match.group()):
            yield match, "a path of this machine"
    for match in LEAVING_PATH.finditer(text):
        if leaves(root, path, match.group()):
            yield match, "a path that leaves the repository"
    if "fixtures" in path.parts:
        return  # samples of providers name whom they like
    has_samples = str(path).startswith(ADDRESS_SAMPLES)
    seen = set()
    for pattern, group in ((URL_HOST, 1), (BARE_HOST, 0)):
        for match in pattern.finditer(text):
            host = match.group(group)
            if has_samples and host[0] in "[0123456789":
                continue
            if not is_allowed(host) and match.end(group) not in seen:
                seen.add(match.end(group))
                yield match, "a host that is no example, provider or standard"


def check(root):
    found = []
    for path in project_files(root):
        text = text_of(root / path)
        for match, why in finds_of(root, path, text) if text is not None else []:
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path}:{line}: {match.group()}: {why}")
    return found


if __name__ == "__main__":
    main(check, "ties to a workplace")
