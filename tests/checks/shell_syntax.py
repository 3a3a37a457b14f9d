#!/usr/bin/env python3
"""Refuses shell scripts that bash cannot parse.

usage: shell_syntax.py PROJECT_FOLDER
"""
import re
import subprocess

from source_tree import main, project_files, text_of

SHEBANG = re.compile(r"#!\s*(?:/usr/bin/env\s+|/bin/|/usr/bin/)(?:ba)?sh\b")


def check(root):
    found = []
    for path in project_files(root):
        if path.suffix not in ("", ".sh", ".bash"):
            continue
        if path.suffix == "" and not SHEBANG.match(text_of(root / path) or ""):
            continue
        parsed = subprocess.run(["bash", "-n", str(root / path)], capture_output=True, text=True, timeout=30)
        if parsed.returncode != 0:
            found.append(f"{path}: {parsed.stderr.strip()}")
    return found


if __name__ == "__main__":
    main(check, "shell scripts that do not parse")
