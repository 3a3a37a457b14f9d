#!/usr/bin/env python3
"""Refuses a source file of more than 450 lines: it holds more than one idea.

usage: file_size.py PROJECT_FOLDER
"""
from source_tree import CPP_SUFFIXES, main, project_files, text_of

LIMIT = 450
SUFFIXES = CPP_SUFFIXES | {".py", ".sh", ".ts", ".tsx", ".js", ".mjs", ".css", ".cmake", ".sql"}


def is_source(path, text):
    return path.suffix in SUFFIXES or path.name == "CMakeLists.txt" or (not path.suffix and text.startswith("#!"))


def check(root):
    found = []
    for path in project_files(root):
        text = text_of(root / path) or ""
        lines = text.count("\n")
        if lines > LIMIT and is_source(path, text):
            found.append(f"{path}: {lines} lines; split it by idea, at most {LIMIT} are allowed")
    return found


if __name__ == "__main__":
    main(check, "sources over the limit")
