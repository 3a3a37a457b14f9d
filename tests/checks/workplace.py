#!/usr/bin/env python3
"""Refuses what ties the project to the machine it was written on: paths of that workplace, hosts of package registries.

The patterns are written in pieces, or this file would find itself.
usage: workplace.py PROJECT_FOLDER
"""
import re

from source_tree import main, project_files, text_of

PATTERNS = [
    (r"(?<![\w.\-/}~])/" + r"work/", "a path of one workplace"),
    (r"\.\./" + "shared", "a path beside the project"),
    (r"\bshared/" + r"(?:spec|tools|reference|peers|hooks)\b", "a path beside the project"),
    (r"(?<![\w])\." + r"library\b(?!\()", "a path of one workplace"),
    ("/tmp/" + r"brief\b", "a path of one workplace"),
    (r"\b(?:deb|security|ftp)\." + r"debian\.org\b", "a package registry's host"),
    (r"\bregistry\." + r"(?:npmjs\.org|yarnpkg\.com)\b", "a package registry's host"),
    (r"\b(?:pypi\.o" + r"rg|files\." + r"pythonhosted\.org|crates\." + r"io|proxy\." + r"golang\.org)\b",
     "a package registry's host"),
    (r"\brepo1?\." + r"maven\.(?:org|apache\.org)\b", "a package registry's host"),
]


def check(root):
    found = []
    for path in project_files(root):
        text = text_of(root / path)
        for pattern, why in PATTERNS if text is not None else []:
            for match in re.finditer(pattern, text):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: {match.group()}: {why}")
    return found


if __name__ == "__main__":
    main(check, "ties to a workplace")
