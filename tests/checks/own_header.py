#!/usr/bin/env python3
"""Refuses a source that does not include the header of its name first: that line proves that the header stands alone.

usage: own_header.py PROJECT_FOLDER
"""
import re

from source_tree import main, project_files, text_of

FIRST_INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)


def check(root):
    files = set(project_files(root))
    found = []
    for path in sorted(files):
        header = path.with_suffix(".hpp")
        if path.suffix != ".cpp" or header not in files:
            continue
        first = FIRST_INCLUDE.search(text_of(root / path) or "")
        if not first or first.group(1) != header.as_posix():
            found.append(f"{path}:1: include \"{header.as_posix()}\" before all others: so it is known to stand alone")
    return found


if __name__ == "__main__":
    main(check, "sources that include another header first")
